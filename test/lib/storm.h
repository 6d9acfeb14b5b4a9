/* SPDX-License-Identifier: MIT
 * Spawning from several threads under a hail of signals. */
#ifndef STORM_H
#define STORM_H

#include "spawn_test.h"

#include <pthread.h>
#include <stdatomic.h>
#include <sys/syscall.h>
#include <sys/time.h>

static _Atomic long handled, in_a_child;
static pid_t self;

static UNUSED void on_signal(int sig)
{
	(void)sig;
	handled++;
	if (syscall(SYS_getpid) != self)
		in_a_child++;
}

static UNUSED int run_show(void)
{
	char *args[] = {"show", NULL}; /* exits with 99 */
	pid_t pid = -77;
	int error = posix_spawn(&pid, show, NULL, NULL, args, environ);
	int status;

	if (error)
		return -error;
	while (waitpid(pid, &status, 0) < 0) {
		if (errno != EINTR)
			return -errno;
	}
	return WIFEXITED(status) ? WEXITSTATUS(status) : status;
}

static UNUSED void *spawn_many(void *arg)
{
	long n = (long)arg, good = 0;

	for (long i = 0; i < n; i++)
		good += run_show() == 99;
	return (void *)good;
}

/* Signals that are handled in the parent hail on it. A handler that ran in
 * the child would run in the parent's memory. */
static UNUSED void storm(void)
{
	struct itimerval fast = {{0, 50}, {0, 50}}, stop = {{0, 0}, {0, 0}};
	pthread_t thread[4];

	self = getpid();
	signal(SIGALRM, on_signal);
	signal(SIGUSR1, on_signal);
	for (int i = 0; i < 4; i++)
		ck_assert_int_eq(pthread_create(&thread[i], NULL, spawn_many,
						(void *)200),
				 0);
	setitimer(ITIMER_REAL, &fast, NULL);
	for (int i = 0; i < 300; i++) {
		/* A child that is reached before it has exec'd may die. */
		kill(self, SIGUSR1);
		usleep(50);
	}
	for (int i = 0; i < 4; i++) {
		void *good;

		pthread_join(thread[i], &good);
		ck_assert_int_eq((long)good, 200);
	}
	setitimer(ITIMER_REAL, &stop, NULL);
	ck_assert_int_gt(handled, 100);
	ck_assert_int_eq(in_a_child, 0);
	no_child();
}

#endif
