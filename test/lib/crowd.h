/* SPDX-License-Identifier: MIT
 * Threads for concurrent.c that make children, until `stop`. */
#ifndef CROWD_H
#define CROWD_H

#include <pthread.h>
#include <spawn.h>
#include <sys/syscall.h>

#include "bystanders.h"

static _Atomic long children;

/* Memory that the program itself has kept from its children. */
static char *unforked;

/* Known before there are threads, or children that share memory. */
static char state[PATH_MAX];
static char *become[] = {state, "exit", "4", NULL};

static pid_t execs(pid_t pid)
{
	if (pid)
		return pid;
	execv(state, become);
	_exit(99);
}

/* The mask is the thread's own, in the parent and in the child. */
static UNUSED void *forks(void *number)
{
	sigset_t set, now;

	for (int n = (int)(intptr_t)number; !stop; n++) {
		pid_t pid;

		sigemptyset(&set);
		sigaddset(&set, 1 + n % 8 + SIGRTMIN + 2);
		pthread_sigmask(SIG_SETMASK, &set, NULL);
		pid = n % 5 ? fork() : _Fork();
		pthread_sigmask(SIG_SETMASK, NULL, &now);
		if (memcmp(&set, &now, sizeof(long)) && !pid)
			_exit(50);
		exits_with(execs(pid), 4);
		ck_assert(!memcmp(&set, &now, sizeof(long)));
		children++;
	}
	return NULL;
}

static UNUSED void *spawns(void *unused)
{
	while (!stop) {
		pid_t pid = -1;

		ck_assert_int_eq(
			posix_spawn(&pid, state, NULL, NULL, become, environ),
			0);
		exits_with(pid, 4);
		exits_with(execs(vfork()), 4);
		children += 2;
	}
	return unused;
}

/* SIGSYS is as another thread has it at the time, see handles(). */
static bool signals_of_child(void)
{
	struct sigaction act;

	return !sigaction(SIGSYS, NULL, &act) &&
	       (act.sa_handler == SIG_DFL || act.sa_handler == never);
}

/* What is missing in the child is what the program wants to be missing. */
static bool memory_of_child(void)
{
	unsigned char there;

	for (size_t i = 0; i < HEAP / 8; i += 4096) {
		if (heap[i] != heap_word(i))
			return false;
	}
	return mincore(unforked, PAGE, &there) == -1 && errno == ENOMEM;
}

/* Another way into the kernel, and never a transaction. */
static pid_t fork_by_syscall(void)
{
	pid_t pid = (pid_t)syscall(SYS_clone, SIGCHLD, 0, 0, 0, 0);

	if (!pid)
		_exit(memory_of_child() && signals_of_child() ? 4 : 52);
	return pid;
}

static UNUSED void *forks_truly(void *unused)
{
	while (!stop) {
		pid_t pid = fork();

		if (!pid)
			_exit(memory_of_child() && signals_of_child() ? 4 : 51);
		exits_with(pid, 4);
		exits_with(fork_by_syscall(), 4);
		ck_assert_int_eq(system("exit 4"), 4 << 8);
		children += 3;
	}
	return unused;
}

/* Cancelled at any time; in fork() it has to wait until that is over. */
static UNUSED void *is_cancelled(void *unused)
{
	int state;

	for (;;) {
		pid_t pid = fork();

		pthread_setcancelstate(PTHREAD_CANCEL_DISABLE, &state);
		exits_with(execs(pid), 4);
		children++;
		pthread_setcancelstate(state, NULL);
		pthread_testcancel();
	}
	return unused;
}

static UNUSED void *cancels(void *unused)
{
	while (!stop) {
		pthread_t thread;
		void *result;

		ck_assert_int_eq(
			pthread_create(&thread, NULL, is_cancelled, NULL), 0);
		usleep((useconds_t)(children * 37 % 5000));
		pthread_cancel(thread);
		pthread_join(thread, &result);
		ck_assert(result == PTHREAD_CANCELED);
	}
	return unused;
}

#endif
