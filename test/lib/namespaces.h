/* SPDX-License-Identifier: MIT
 *
 * Threads that enter other namespaces, by libc's function, by syscall() or by a
 * system call of their own, and children of theirs and of the other threads.
 */
#ifndef TEST_NAMESPACES_H
#define TEST_NAMESPACES_H

#include <pthread.h>
#include <sched.h>

#include "util.h"

enum { FORKS = 12, HOWS = 3 };

static int how;
static _Atomic bool stop;

static long enter_new(int namespaces)
{
	if (how == 0)
		return unshare(namespaces);
	if (how == 1)
		return syscall(SYS_unshare, namespaces);
	return vs_sys(SYS_unshare, namespaces);
}

static long enter(int fd, int namespace)
{
	if (how == 0)
		return setns(fd, namespace);
	if (how == 1)
		return syscall(SYS_setns, fd, namespace);
	return vs_sys(SYS_setns, fd, namespace);
}

/* A child that exits with what `look` returns, by exec or not. */
static pid_t child(int (*look)(void), int n)
{
	pid_t pid = n % 2 ? fork() : _Fork();

	if (pid)
		return pid;
	if (n % 3)
		exec_exit_static(look());
	_exit(look());
}

static void children(int (*look)(void), int code)
{
	for (int n = 1; n < 5; n++)
		exits_with(child(look, n), code);
}

/* Runs `body` in a thread, and forks here meanwhile and afterwards, with what
 * has been seen before. */
static void in_thread(void *(*body)(void *), int (*look_here)(void))
{
	pthread_t thread;

	children(look_here, 4);
	ck_assert_int_eq(pthread_create(&thread, NULL, body, NULL), 0);
	while (!stop)
		children(look_here, 4);
	pthread_join(thread, NULL);
	children(look_here, 4);
}

/* False, and says why, without the right to. */
static bool allowed(int i)
{
	how = i % HOWS;
	if (!getuid() && !access("/proc/thread-self/ns/pid_for_children", F_OK))
		return true;
	puts("skipped: not root, or no namespaces");
	return false;
}

#endif
