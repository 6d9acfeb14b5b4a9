/* SPDX-License-Identifier: MIT
 *
 * For suites of programs that live on faults and traps: their threads go on
 * with that while others fork.
 */
#ifndef TEST_HANDLERS_H
#define TEST_HANDLERS_H

#include <pthread.h>

#include "util.h"

enum { ROUNDS = 40, THREADS = 3 };

static _Atomic bool stop;

/* Forks of all kinds; `child` does what the threads do, too. */
static void forks(bool (*child)(void))
{
	for (int n = 0; n < ROUNDS; n++) {
		pid_t pid = fork();

		if (!pid) {
			if (n % 4 == 0 && !child())
				_exit(50);
			if (n % 2 == 0)
				exec_exit_static(4);
			_exit(n % 2 ? 4 : 99);
		}
		exits_with(pid, 4);
	}
}

static void start(pthread_t *thread, void *(*body)(void *), int n)
{
	for (int i = 0; i < n; i++)
		ck_assert(!pthread_create(&thread[i], NULL, body, NULL));
}

static void finish(pthread_t *thread, int n)
{
	stop = true;
	for (int i = 0; i < n; i++)
		pthread_join(thread[i], NULL);
	ck_assert_int_eq(waitpid(-1, NULL, WNOHANG | __WALL), -1);
	ck_assert(heap_intact());
}

#endif
