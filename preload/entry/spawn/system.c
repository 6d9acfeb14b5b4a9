/* SPDX-License-Identifier: MIT
 *
 * system(), with the rules of glibc's: SIGINT and SIGQUIT are ignored while
 * any thread of the process is in it, the caller blocks SIGCHLD, and a caller
 * that is cancelled kills its child and waits for it. And wordexp(), which
 * runs a shell inside libc.
 */
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <wordexp.h>

#include "kernel/lock.h"
#include "entry/spawn/internal.h"
#include "kernel/sigmask.h"
#include "libc/facts.h"

/* ---- signals ---- */

static struct {
	vs_lock lock;
	unsigned users;
	struct vs_ksigaction interrupt, quit; /* before the first came */
} callers;

void vs_system_reset(void)
{
	vs_lock_reset(&callers.lock);
}

/* Returns which of the two signals the command is not to ignore. */
static vs_sigset enter(void)
{
	const struct vs_ksigaction ignore = {
		.handler = (vs_handler)(uintptr_t)SIG_IGN};
	vs_sigset defaults = {0};

	vs_lock_take(&callers.lock);
	if (!callers.users++) {
		vs_sigaction(SIGINT, &ignore, &callers.interrupt);
		vs_sigaction(SIGQUIT, &ignore, &callers.quit);
	}
	if (!vs_is_ignored(&callers.interrupt))
		vs_sigset_add(&defaults, SIGINT);
	if (!vs_is_ignored(&callers.quit))
		vs_sigset_add(&defaults, SIGQUIT);
	vs_lock_drop(&callers.lock);
	return defaults;
}

static void leave(void)
{
	vs_lock_take(&callers.lock);
	if (!--callers.users) {
		vs_sigaction(SIGINT, &callers.interrupt, NULL);
		vs_sigaction(SIGQUIT, &callers.quit, NULL);
	}
	vs_lock_drop(&callers.lock);
}

/* ---- waiting ---- */

/* The thread does not come back, so its mask stays as it is. */
static void cancelled(void *arg)
{
	pid_t pid = *(const pid_t *)arg;

	vs_sys(SYS_kill, pid, SIGKILL);
	while (vs_sys(SYS_wait4, pid, NULL, 0, NULL) == -EINTR)
		;
	leave();
}

/* The wait status, or -1 and errno. A cancellation point. */
static int wait_for(pid_t pid)
{
	const struct vs_shell_libc *libc = vs_shell_libc();
	bool cancels = libc->cleanup_push && libc->cleanup_pop;
	void *buffer[8];
	int status;
	pid_t r;

	if (cancels)
		libc->cleanup_push(buffer, cancelled, &pid);
	do {
		r = libc->waitpid(pid, &status, 0);
	} while (r == -1 && errno == EINTR);
	if (cancels)
		libc->cleanup_pop(buffer, 0);
	return r == pid ? status : -1;
}

/* ---- system() ---- */

/* False: not here, and nothing has happened. */
static bool run(const char *command, int *status)
{
	struct vs_attr attr = {.flags = POSIX_SPAWN_SETSIGDEF |
					POSIX_SPAWN_SETSIGMASK};
	vs_sigset chld = {0};
	int saved = errno;
	long pid;

	vs_sigset_add(&chld, SIGCHLD);
	attr.defaults = enter();
	vs_sys(SYS_rt_sigprocmask, SIG_BLOCK, &chld, &attr.mask,
	       VS_KSIGSET_SIZE);
	pid = vs_shell_spawn(command, &attr, NULL, 0);
	/* A shell that cannot be run is one that has exited with 127. */
	*status = 127 << 8;
	if (pid > 0)
		*status = wait_for((pid_t)pid);
	else
		saved = (int)-pid;
	leave();
	vs_unblock(&attr.mask);
	if (*status != -1)
		errno = saved;
	return pid != VS_SHELL_NOT;
}

static bool own_system(const char *command, int *r)
{
	int saved = errno;

	if (!vs_shell_ours() || vs_interposed(VS_ENTRY_system))
		return false;
	vs_shell_libc();
	if (run(command ? command : "exit 0", r)) {
		if (!command)
			*r = *r == 0;
		return true;
	}
	errno = saved;
	return false;
}

VS_EXPORT int system(const char *command)
{
	uintptr_t caller = (uintptr_t)__builtin_return_address(0);
	uint64_t start = vs_stats_start();
	bool forks = vs_libc_shell_forks();
	int r;

	vs_true_child(VS_ENTRY_system);
	if (own_system(command, &r)) {
		vs_shell_called(VS_ENTRY_system, true, command, caller, start,
				r == -1 ? -errno : 0);
		return r;
	}
	vs_inner_fork_begins(forks, VS_CALLER_SP);
	r = VS_REAL(system)(command);
	vs_inner_fork_ends(forks);
	vs_shell_called(VS_ENTRY_system, false, command, caller, start,
			r == -1 ? -errno : 0);
	return r;
}

/* Spawns since glibc 2.31. What it runs sees the environment as it is. */
VS_EXPORT int wordexp(const char *restrict words, wordexp_t *restrict to,
		      int flags)
{
	bool forks;
	int r;

	vs_true_child(VS_ENTRY_wordexp);
	forks = vs_glibc_minor() < 31;
	vs_inner_fork_begins(forks, VS_CALLER_SP);
	r = VS_REAL(wordexp)(words, to, flags);
	vs_inner_fork_ends(forks);
	return r;
}
