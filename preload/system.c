/* SPDX-License-Identifier: MIT
 *
 * Public functions that make a process inside libc, where no interposed
 * fork() is seen. system() and popen() spawn as posix_spawn does since glibc
 * 2.29: they are counted and passed on. forkpty() and daemon() fork, and so
 * does clone() without CLONE_VM: true forks, which the gate must know of.
 */
#include <pty.h>
#include <sched.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "gate.h"
#include "vspawn.h"

VS_EXPORT int system(const char *command)
{
	uint64_t start = vs_stats_start();
	int r;

	vs_true_child(VS_ENTRY_system);
	r = VS_REAL(system)(command);
	vs_stats_call(VS_ENTRY_system, VS_NATIVE, VS_WHY_LIBC, start);
	return r;
}

VS_EXPORT FILE *popen(const char *command, const char *mode)
{
	uint64_t start = vs_stats_start();
	FILE *stream;

	vs_true_child(VS_ENTRY_popen);
	stream = VS_REAL(popen)(command, mode);
	vs_stats_call(VS_ENTRY_popen, VS_NATIVE, VS_WHY_LIBC, start);
	return stream;
}

VS_EXPORT pid_t forkpty(int *master, char *name, const struct termios *termios,
			const struct winsize *size)
{
	uint64_t start = vs_stats_start();
	pid_t pid;

	vs_true_child(VS_ENTRY_forkpty);
	vs_libc_prepare();
	vs_gate_enter_true_fork();
	pid = VS_REAL(forkpty)(master, name, termios, size);
	if (pid == 0) {
		vs_after_true_fork();
		return 0;
	}
	vs_gate_leave_true_fork();
	vs_stats_call(VS_ENTRY_forkpty, VS_NATIVE, VS_WHY_LIBC, start);
	return pid;
}

/* The parent leaves inside; what returns 0 is the child. */
VS_EXPORT int daemon(int nochdir, int noclose)
{
	int r;

	vs_true_child(VS_ENTRY_daemon);
	vs_libc_prepare();
	vs_gate_enter_true_fork();
	r = VS_REAL(daemon)(nochdir, noclose);
	if (r == 0)
		vs_after_true_fork();
	else
		vs_gate_leave_true_fork();
	return r;
}

/* A child of clone() is not told to us: its process id tells (txn_able.c). */
VS_EXPORT int clone(int (*fn)(void *), void *stack, int flags, void *arg, ...)
{
	bool copies = !(flags & CLONE_VM);
	void *parent_tid, *tls, *child_tid;
	va_list more;
	int r;

	va_start(more, arg);
	parent_tid = va_arg(more, void *);
	tls = va_arg(more, void *);
	child_tid = va_arg(more, void *);
	va_end(more);
	vs_true_child(VS_ENTRY_clone);
	if (copies) {
		vs_libc_prepare();
		vs_gate_enter_true_fork();
	}
	r = VS_REAL(clone)(fn, stack, flags, arg, parent_tid, tls, child_tid);
	if (copies)
		vs_gate_leave_true_fork();
	if (copies)
		vs_stats_call(VS_ENTRY_clone, VS_NATIVE, VS_WHY_LIBC, 0);
	return r;
}
