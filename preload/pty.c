/* SPDX-License-Identifier: MIT
 *
 * forkpty() and daemon() fork inside libc: true forks, which the gate must
 * know of. Neither child execs with nothing in between: forkpty()'s takes a
 * terminal, which cannot be undone, and daemon()'s has no parent left.
 */
#include <dlfcn.h>
#include <errno.h>
#include <pthread.h>
#include <pty.h>
#include <unistd.h>

#include "gate.h"
#include "vspawn.h"

/* Before glibc 2.34 it is in libutil, which only a plugin may have loaded, out
 * of our sight. */
static __typeof__(&forkpty) real_forkpty(void)
{
	void *(*open)(const char *, int), *util = NULL;

	if (VS_REAL(forkpty))
		return VS_REAL(forkpty);
	open = __extension__(__typeof__(open)) dlsym(RTLD_DEFAULT, "dlopen");
	if (open)
		util = open("libutil.so.1", RTLD_LAZY);
	return util ? __extension__(__typeof__(&forkpty)) dlsym(util, "forkpty")
		    : NULL;
}

VS_EXPORT pid_t forkpty(int *master, char *name, const struct termios *termios,
			const struct winsize *size)
{
	__typeof__(&forkpty) real;
	uint64_t start = vs_stats_start();
	int state;
	pid_t pid;

	vs_true_child(VS_ENTRY_forkpty);
	vs_libc_prepare();
	real = real_forkpty();
	if (!real)
		return (pid_t)vs_return(-ENOSYS);
	/* It opens the terminal first, where a thread can be cancelled. */
	pthread_setcancelstate(PTHREAD_CANCEL_DISABLE, &state);
	vs_gate_enter_true_fork();
	pid = real(master, name, termios, size);
	if (pid == 0)
		vs_after_true_fork();
	else
		vs_gate_leave_true_fork();
	pthread_setcancelstate(state, NULL);
	if (pid == 0)
		return 0;
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
