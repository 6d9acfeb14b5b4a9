/* SPDX-License-Identifier: MIT
 *
 * forkpty() and daemon() fork inside libc: native forks, which the gate must
 * know of. Neither child execs with nothing in between: forkpty()'s takes a
 * terminal, which cannot be undone, and daemon()'s has no parent left.
 */
#include <errno.h>
#include <pthread.h>
#include <pty.h>
#include <unistd.h>

#include "base/errno.h"
#include "entry/internal.h"
#include "stats/stats.h"

VS_EXPORT pid_t forkpty(int *master, char *name, const struct termios *termios,
			const struct winsize *size)
{
	__typeof__(&forkpty) real;
	uint64_t start = vs_stats_start();
	int state;
	pid_t pid;

	vs_true_child(VS_ENTRY_forkpty);
	vs_prepare();
	real = __extension__(__typeof__(real))
		vs_real_in(VS_ENTRY_forkpty, "libutil.so.1");
	if (!real)
		return (pid_t)vs_return(-ENOSYS);
	/* It opens the terminal first, where a thread can be cancelled. */
	pthread_setcancelstate(PTHREAD_CANCEL_DISABLE, &state);
	vs_native_fork_begins(VS_CALLER_SP);
	pid = real(master, name, termios, size);
	vs_native_fork_ends(pid);
	pthread_setcancelstate(state, NULL);
	if (pid == 0)
		return 0;
	vs_stats_native(VS_ENTRY_forkpty, VS_WHY_LIBC, start);
	return pid;
}

/* The parent leaves inside; what returns 0 is the child. */
VS_EXPORT int daemon(int nochdir, int noclose)
{
	int r;

	vs_true_child(VS_ENTRY_daemon);
	vs_prepare();
	vs_native_fork_begins(VS_CALLER_SP);
	r = VS_REAL(daemon)(nochdir, noclose);
	vs_native_fork_ends(r);
	return r;
}
