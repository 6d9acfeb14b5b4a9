/* SPDX-License-Identifier: MIT
 * What the suites on file actions share. */
#ifndef ACTIONS_TEST_H
#define ACTIONS_TEST_H

#include "show.h"

#ifdef __GLIBC_PREREQ
#	if __GLIBC_PREREQ(2, 34)
#		define HAVE_CLOSEFROM 1
#	endif
#endif

static actions_t actions;
static int pipe_fds[2]; /* 30 and 31, both to be closed at exec */

static void set_up(void)
{
	int fds[2];

	ck_assert_int_eq(pipe2(fds, O_CLOEXEC), 0);
	pipe_fds[0] = dup3(fds[0], 30, O_CLOEXEC);
	pipe_fds[1] = dup3(fds[1], 31, O_CLOEXEC);
	close(fds[0]);
	close(fds[1]);
	ck_assert_int_eq(posix_spawn_file_actions_init(&actions), 0);
}

static void tear_down(void)
{
	ck_assert_int_eq(posix_spawn_file_actions_destroy(&actions), 0);
}

static void ok(int error)
{
	ck_assert_int_eq(error, 0);
}

static UNUSED void fails_with(int expected)
{
	ck_assert_int_eq(try_show(posix_spawn, &actions, NULL), expected);
	posix_spawn_file_actions_destroy(&actions);
	posix_spawn_file_actions_init(&actions);
}

#endif
