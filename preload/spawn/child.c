/* SPDX-License-Identifier: MIT
 *
 * What the child runs, from the clone to the exec. It shares the parent's
 * memory, errno and thread pointer included: raw system calls only, and no
 * call into another object. The steps, their order and their errors are those
 * of glibc's posix_spawn().
 */

#include <errno.h>

#include "kernel/sigmask.h"
#include "spawn/internal.h"

enum { EXIT_FAILED = 127 }; /* what POSIX says a failed child exits with */

/* ---- attributes ---- */

/* Signals that libc keeps for itself (32, 33) as well. With the handlers reset
 * one by one the parent has blocked all signals meanwhile. */
static void reset_signals(const struct vs_spawn *s)
{
	for (int sig = 1; sig <= VS_KSIGNAL_MAX; sig++) {
		struct vs_ksigaction action = {0};

		if (!vs_sigset_has(&s->attr.defaults, sig)) {
			if (!s->has_handlers)
				continue;
			vs_sigaction(sig, NULL, &action);
			if (!vs_is_handled(&action))
				continue;
			action = (struct vs_ksigaction){0};
		}
		vs_sigaction(sig, &action, NULL);
	}
}

/* Those that glibc keeps for itself, as its own child does. */
static void ignore_own(const struct vs_spawn *s)
{
	const struct vs_ksigaction ignore = {
		.handler = (vs_handler)(uintptr_t)SIG_IGN};

	for (int sig = 32; sig <= 33; sig++) {
		if (!vs_sigset_has(&s->attr.defaults, sig))
			vs_sigaction(sig, &ignore, NULL);
	}
}

static long set_scheduling(const struct vs_attr *a)
{
	if (a->flags & POSIX_SPAWN_SETSCHEDULER)
		return vs_sys(SYS_sched_setscheduler, 0, a->policy, &a->param);
	if (a->flags & POSIX_SPAWN_SETSCHEDPARAM)
		return vs_sys(SYS_sched_setparam, 0, &a->param);
	return 0;
}

/* Only called when they do not change; see vs_attr_read(). */
static long reset_ids(void)
{
	long r = vs_sys(SYS_setresuid, -1, vs_sys(SYS_getuid), -1);

	if (r)
		return r;
	return vs_sys(SYS_setresgid, -1, vs_sys(SYS_getgid), -1);
}

static long apply_attributes(const struct vs_spawn *s)
{
	const struct vs_attr *a = &s->attr;
	long r;

	if (s->has_handlers || a->flags & POSIX_SPAWN_SETSIGDEF)
		reset_signals(s);
	if (a->ignore_own)
		ignore_own(s);
	if (vs_likely(!a->flags))
		return 0;
	r = set_scheduling(a);
	if (r < 0)
		return r;
	if (a->flags & POSIX_SPAWN_SETSID) {
		r = vs_sys(SYS_setsid);
		if (r < 0)
			return r;
	}
	if (a->flags & POSIX_SPAWN_SETPGROUP) {
		r = vs_sys(SYS_setpgid, 0, a->pgroup);
		if (r < 0)
			return r;
	}
	return a->flags & POSIX_SPAWN_RESETIDS ? reset_ids() : 0;
}

/* ---- exec ---- */

/* What glibc's posix_spawn did before 2.15 with a file of no known format. As
 * there, a name that was found by way of PATH is given to the shell bare. */
static long exec_shell(const struct vs_spawn *s)
{
	const char **to = s->shell_argv;

	*to++ = "/bin/sh";
	*to++ = s->file;
	for (int i = 1; s->argv[0] && s->argv[i]; i++)
		*to++ = s->argv[i];
	*to = NULL;
	return vs_sys(SYS_execve, s->shell_argv[0], s->shell_argv, s->envp);
}

static long run(const struct vs_spawn *s)
{
	long r = apply_attributes(s);

	for (int i = 0; r >= 0 && i < s->actions_used; i++)
		r = vs_spawn_action(s, &s->actions[i]);
	if (r < 0)
		return r;
	if (s->masked)
		vs_unblock(&s->mask);
	if (s->path)
		r = vs_path_exec(s);
	else
		r = vs_sys(SYS_execve, s->file, s->argv, s->envp);
	if (r == -ENOEXEC && s->shell_argv)
		r = exec_shell(s);
	return r;
}

void vs_spawn_child(void *arg)
{
	struct vs_spawn *s = arg;

	s->shared = true;
	s->error = (int)-run(s);
	for (;;)
		vs_sys(SYS_exit_group, EXIT_FAILED);
}
