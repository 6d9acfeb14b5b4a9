/* SPDX-License-Identifier: MIT
 * Scenes in other namespaces. */
#ifndef TEST_AROUND_NAMESPACES_H
#define TEST_AROUND_NAMESPACES_H

#include <sched.h>

#include "around.h"

static void enter_new(int namespaces)
{
	if (unshare(namespaces))
		skip("no such namespace");
}

/* For same_state(). */
static void own_state(void)
{
}

#endif
