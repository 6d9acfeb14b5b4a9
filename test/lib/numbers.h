/* SPDX-License-Identifier: MIT
 *
 * Threads that open and close descriptors while another one forks, whose
 * children look at theirs.
 */
#ifndef TEST_NUMBERS_H
#define TEST_NUMBERS_H

#include <dirent.h>
#include <pthread.h>
#include <time.h>

#include "util.h"

enum { NUMBERS = 400, FORKS = 200, AT_MOST_MS = 800, TAKERS = 6 };

static _Atomic bool stop;
static _Atomic long rounds, wrong;
static bool is_open[NUMBERS];
static char program[PATH_MAX];

static uint64_t now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000 + (uint64_t)t.tv_nsec / 1000000;
}

static bool memory_right(int n)
{
	for (int i = 0; i < 16; i++) {
		uint64_t at = (uint64_t)(n * 16 + i) * 7919 * 512 % (HEAP / 8);

		if (heap[at] != heap_word(at))
			return false;
	}
	return true;
}

/* By exec, which makes no native fork of it. */
_Noreturn static void leave(int code)
{
	char text[16];

	snprintf(text, sizeof(text), "%d", code);
	execl(program, "state", "exit", text, NULL);
	_exit(99);
}

static void fork_many(void (*look)(void))
{
	uint64_t end = now_ms() + AT_MOST_MS;

	for (int n = 0; n < FORKS && now_ms() < end; n++) {
		pid_t pid = n % 3 ? fork() : _Fork();

		if (!pid) {
			if (!memory_right(n))
				leave(50);
			if (look)
				look();
			leave(4);
		}
		exits_with(pid, 4);
	}
}

static void beside(void *(*const *threads)(void *), int n, void (*look)(void))
{
	pthread_t thread[TAKERS];

	strcpy(program, host("state"));
	for (int fd = 0; fd < NUMBERS; fd++)
		is_open[fd] = fcntl(fd, F_GETFD) >= 0;
	for (int i = 0; i < n; i++)
		ck_assert_int_eq(pthread_create(&thread[i], NULL, threads[i],
						(void *)(intptr_t)i),
				 0);
	while (rounds < n)
		usleep(100);
	fork_many(look);
	stop = true;
	for (int i = 0; i < n; i++)
		pthread_join(thread[i], NULL);
	ck_assert_int_eq(wrong, 0);
	for (int fd = 0; fd < NUMBERS; fd++)
		ck_assert(is_open[fd] == (fcntl(fd, F_GETFD) >= 0));
}

#endif
