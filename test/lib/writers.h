/* SPDX-License-Identifier: MIT
 *
 * Threads that write to a part of the heap, and allocate, while another one
 * forks.
 */
#ifndef TEST_WRITERS_H
#define TEST_WRITERS_H

#include <pthread.h>

#include "util.h"

enum { WORDS = HEAP / 8 };

static _Atomic bool stop;
/* The last quarter of the heap is the threads'. */
enum { THREADS = 3, THEIRS = WORDS / 4 * 3 };

static void *writes(void *number)
{
	uint64_t i = THEIRS + (uint64_t)(uintptr_t)number;

	for (; !stop; i = i + 7919 < WORDS ? i + 7919 : i + 7919 - WORDS / 4) {
		((volatile uint64_t *)heap)[i] = i;
		if (i % 64 == 0)
			free(malloc(i % 100000));
	}
	return NULL;
}

static pthread_t threads[THREADS];

static void start_threads(void)
{
	for (int i = 0; i < THREADS; i++)
		ck_assert_int_eq(pthread_create(&threads[i], NULL, writes,
						(void *)(intptr_t)i),
				 0);
}

static void end_threads(void)
{
	stop = true;
	for (int i = 0; i < THREADS; i++)
		pthread_join(threads[i], NULL);
}

#endif
