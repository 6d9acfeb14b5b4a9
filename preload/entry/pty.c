/* SPDX-License-Identifier: MIT
 *
 * forkpty() and daemon() fork inside libc, where fork() is not ours. The former
 * is three public functions, so that its child can be supervised: it takes its
 * terminal with the exec (txn/child/deferred.c). daemon()'s child has no parent
 * left: a native fork, which the gate must know of.
 */
#include <errno.h>
#include <pthread.h>
#include <pty.h>
#include <stddef.h>
#include <unistd.h>
#include <utmp.h>

#include "base/errno.h"
#include "entry/internal.h"
#include "libc/facts.h"
#include "port.h"
#include "stats/stats.h"
#include "txn/calls/calls.h"

struct terminal {
	int *master;
	char *name;
	const struct termios *termios;
	const struct winsize *size;
};

/* ---- as libc has it ---- */

/* glibc's opens the terminal first, where a thread can be cancelled, and would
 * not leave the gate. By then it is not; but one that is to be already is here,
 * at a call that does nothing else. musl's is no such place. */
static pid_t fork_inside(const struct terminal *t, uintptr_t caller_sp)
{
	__typeof__(&forkpty) real;
	uint64_t start = vs_stats_start();
	int state, saved = errno;
	pid_t pid;

	real = __extension__(__typeof__(real))
		vs_real_in(VS_ENTRY_forkpty, "libutil.so.1");
	if (!real)
		return (pid_t)vs_return(-ENOSYS);
	if (vs_glibc_minor())
		VS_REAL(close)(-1);
	errno = saved;
	pthread_setcancelstate(PTHREAD_CANCEL_DISABLE, &state);
	vs_native_fork_begins(caller_sp);
	pid = real(t->master, t->name, t->termios, t->size);
	vs_native_fork_ends(pid);
	pthread_setcancelstate(state, NULL);
	if (pid > 0)
		vs_stats_native(VS_ENTRY_forkpty, VS_WHY_LIBC, start, pid);
	return pid;
}

/* ---- from its parts: glibc's login/forkpty.c ---- */

struct parts {
	__typeof__(&openpty) openpty;
	__typeof__(&login_tty) login_tty;
	pid_t (*fork)(void);
};

/* musl's tells the parent whether the child has its terminal. A child that
 * shares memory would take it for both. */
static bool may_be_split(struct parts *parts)
{
	void *opens, *logs_in;

	if (vs_config.off || vs_glibc_minor() == 0 ||
	    (vs_config.fork_mode != VS_FORK_AUTO &&
	     vs_config.fork_mode != VS_FORK_TXN) ||
	    vs_interposed(VS_ENTRY_forkpty) || vs_interposed(VS_ENTRY_fork))
		return false;
	opens = vs_next_symbol("openpty");
	logs_in = vs_next_symbol("login_tty");
	/* Not somebody's of the same name. */
	if (!vs_of_libc(opens) || !vs_of_libc(logs_in))
		return false;
	parts->openpty = __extension__(__typeof__(parts->openpty)) opens;
	parts->login_tty = __extension__(__typeof__(parts->login_tty)) logs_in;
	parts->fork = (pid_t(*)(void))vs_real_lookup(VS_ENTRY_fork);
	return true;
}

/* libc's, whatever else is called close(). */
static void close_inside(int fd)
{
	long args[6] = {fd};

	if (vs_speculative)
		vs_child_syscall(SYS_close, args);
	else
		vs_sys(SYS_close, fd);
}

static pid_t fork_with(const struct terminal *t, const struct parts *parts,
		       uintptr_t caller, uintptr_t caller_sp)
{
	int master, slave;
	pid_t pid;

	if (parts->openpty(&master, &slave, t->name, t->termios, t->size))
		return -1;
	pid = vs_fork_by(VS_ENTRY_forkpty, caller, caller_sp, parts->fork);
	if (pid == 0) {
		close_inside(master);
		if (parts->login_tty(slave))
			VS_REAL(_exit)(1);
		return 0;
	}
	close_inside(slave);
	if (pid < 0)
		close_inside(master);
	else
		*t->master = master;
	return pid;
}

VS_EXPORT pid_t forkpty(int *master, char *name, const struct termios *termios,
			const struct winsize *size)
{
	const struct terminal terminal = {master, name, termios, size};
	struct parts parts;

	vs_true_child(VS_ENTRY_forkpty);
	vs_prepare();
	if (may_be_split(&parts))
		return fork_with(&terminal, &parts,
				 (uintptr_t)__builtin_return_address(0),
				 VS_CALLER_SP);
	return fork_inside(&terminal, VS_CALLER_SP);
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
