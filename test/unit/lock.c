/* SPDX-License-Identifier: MIT
 * kernel/lock.c: what another thread has in a copy of this memory is taken over
 * there, by one at a time; in memory that is shared it is waited for. */
#include <pthread.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include "kernel/lock.h"
#include "kernel/own_memory.h"
#include "unit.h"

enum { THREADS = 3, TIMES = 100, LONGER_THAN_STALE_US = 1500000 };

static vs_lock lock;
static _Atomic int inside, overlapped, given_back;

static void exits_with_4(pid_t pid)
{
	int status = 0;

	ck_assert_int_eq(waitpid(pid, &status, 0), pid);
	ck_assert_int_eq(status, 4 << 8);
}

static void *uses(void *unused)
{
	for (int i = 0; i < TIMES; i++) {
		vs_lock_take(&lock);
		overlapped += inside++ > 0;
		inside--;
		vs_lock_drop(&lock);
	}
	return unused;
}

static void use_in_threads(void)
{
	pthread_t thread[THREADS];

	for (int i = 0; i < THREADS; i++)
		pthread_create(&thread[i], NULL, uses, NULL);
	for (int i = 0; i < THREADS; i++)
		pthread_join(thread[i], NULL);
	_exit(overlapped || lock ? 1 : 4);
}

START_TEST(in_a_copy)
{
	pid_t pid;

	vs_memory_taken();
	vs_lock_take(&lock);
	pid = fork();
	if (!pid)
		use_in_threads();
	exits_with_4(pid);
	vs_lock_drop(&lock);
}
END_TEST

static void *holds(void *unused)
{
	vs_lock_take(&lock);
	inside = 1;
	usleep(LONGER_THAN_STALE_US);
	given_back = 1;
	vs_lock_drop(&lock);
	return unused;
}

/* By a child of vfork(), whose parent's other threads go on. */
START_TEST(in_shared_memory)
{
	pthread_t thread;
	pid_t pid;

	vs_memory_taken();
	if (syscall(SYS_kcmp, getpid(), getpid(), 1, 0, 0)) {
		printf("skipped: no kcmp\n");
		return;
	}
	pthread_create(&thread, NULL, holds, NULL);
	while (!inside)
		;
	pid = vfork();
	if (!pid) {
		vs_lock_take(&lock);
		_exit(given_back ? 4 : 5);
	}
	vs_lock_drop(&lock);
	exits_with_4(pid);
	pthread_join(thread, NULL);
}
END_TEST

UNIT(lock, in_a_copy, in_shared_memory)
