/* SPDX-License-Identifier: MIT
 * For tests of attributes: one object, new for each. */
#ifndef TEST_ATTR_TEST_H
#define TEST_ATTR_TEST_H

#include "show.h"

static posix_spawnattr_t attr;

static void set_up(void)
{
	posix_spawnattr_init(&attr);
}

static void tear_down(void)
{
	posix_spawnattr_destroy(&attr);
}

static void set_flags(int flags)
{
	ck_assert_int_eq(posix_spawnattr_setflags(&attr, flags), 0);
}

static void handler(int sig)
{
	(void)sig;
}

#endif
