/* SPDX-License-Identifier: MIT
 *
 * For suites of a process that answers for its own children: fork() returns
 * although the child waits for its parent.
 */
#ifndef TEST_LISTENER_H
#define TEST_LISTENER_H

#include <time.h>

#include "util.h"

/* A second natively is no fork that returns; a library that waits for the
 * child waits until its own time limit, several seconds. */
enum { TOO_LONG_MS = 1000, COUNT = 4 };

static long now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

static pid_t (*const forkers[])(void) = {fork, _Fork};

static pid_t timed_fork(int i, const char *file)
{
	long began = now_ms();
	pid_t pid = forkers[i % LENGTH(forkers)]();

	if (!pid) {
		execl(file, "state", "exit", "4", NULL);
		_exit(99);
	}
	ck_assert_int_lt(now_ms() - began, TOO_LONG_MS);
	return pid;
}

#endif
