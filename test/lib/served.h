/* SPDX-License-Identifier: MIT
 *
 * A parent that hands its memory to its children piece by piece, and what is
 * done to one of the two meanwhile.
 */
#ifndef TEST_SERVED_H
#define TEST_SERVED_H

#include <pthread.h>

#include "around.h"
#include "sender.h"

enum { STEP = 16384 / 8, CHUNKS = HEAP / 16384 };

static UNUSED unsigned random_number(void)
{
	static uint32_t state = 20260102;

	state ^= state << 13;
	state ^= state >> 17;
	state ^= state << 5;
	return state;
}

/* Here and there, so that little of it is known beforehand. */
static UNUSED bool reads(unsigned n)
{
	for (unsigned i = 0; i < 40; i++) {
		size_t at = (n * 7919 + i * 31) % CHUNKS * (size_t)STEP + i;

		if (heap[at] != heap_word(at))
			return false;
	}
	return true;
}

static UNUSED pid_t reader(unsigned n, const char *path, const char *name)
{
	pid_t pid = n % 3 ? fork() : _Fork();

	if (pid)
		return pid;
	if (reads(n))
		execl(path, name, "exit", "4", NULL);
	_exit(50);
}

static UNUSED void *waits(void *unused)
{
	for (;;)
		pause();
	return unused;
}

static UNUSED void close_memory(void)
{
	ck_assert_int_eq(prctl(PR_SET_DUMPABLE, 0), 0);
}

static void add_thread(void *(*body)(void *))
{
	pthread_t thread;

	ck_assert_int_eq(pthread_create(&thread, NULL, body, NULL), 0);
}

static bool is_threaded UNUSED;

#endif
