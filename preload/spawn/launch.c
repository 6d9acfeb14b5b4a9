/* SPDX-License-Identifier: MIT
 * The parent's side of a spawn: the clone, the signals around it, the end of
 * a child that failed. */

#include <errno.h>
#include <signal.h>
#include <sys/wait.h>

#include "kernel/sigmask.h"
#include "spawn/internal.h"

#if VS_ARCH_STUB

/* For the child's frames, with a margin for a build without optimisation. */
enum { STACK = 3072 };

/* Found out once, true until the process ends. */
static _Atomic bool clone3_refused, not_shared;

bool vs_spawn_is_unshared(void)
{
	return not_shared;
}

/* No handler can run in a child that CLONE_CLEAR_SIGHAND has rid of them, so
 * its signals need not be blocked, but for two cases: a mask of its own has to
 * hold from the start, and a process in the background that takes the terminal
 * is stopped by SIGTTOU, for good if its parent waits for it. Nor need the
 * parent's, if it has no handlers: one for SIGCHLD would find a child that has
 * failed before it is reaped here, and one that leaves by longjmp() lose the id
 * of one that has not. */
static bool needs_mask(const struct vs_spawn *s)
{
	if (s->handled || s->attr.flags & POSIX_SPAWN_SETSIGMASK)
		return true;
	for (int i = 0; i < s->actions_used; i++) {
		if (s->actions[i].kind == VS_TCSETPGRP)
			return true;
	}
	return false;
}

static long by_clone3(struct vs_spawn *s, char *stack)
{
	struct clone_args args = {
		.flags = CLONE_VM | CLONE_VFORK | CLONE_CLEAR_SIGHAND,
		.exit_signal = SIGCHLD,
		.stack = (uintptr_t)stack,
		.stack_size = STACK,
	};
	size_t size = CLONE_ARGS_SIZE_VER0;

	if (s->attr.flags & POSIX_SPAWN_SETCGROUP) {
		args.flags |= CLONE_INTO_CGROUP;
		args.cgroup = (__u64)s->attr.cgroup;
		size = CLONE_ARGS_SIZE_VER2;
	}
	if (s->want_pidfd) {
		args.flags |= CLONE_PIDFD;
		args.pidfd = (uintptr_t)&s->pidfd;
	}
	s->has_handlers = false;
	return vs_clone3(&args, size, vs_spawn_child, s);
}

static long by_clone(struct vs_spawn *s, char *stack)
{
	s->has_handlers = true;
	return vs_clone(CLONE_VM | CLONE_VFORK | SIGCHLD, stack + STACK,
			vs_spawn_child, s);
}

/* ENOSYS, or EPERM from a filter that cannot look into its arguments; EINVAL
 * before Linux 5.5, where clone3 does not know CLONE_CLEAR_SIGHAND. */
bool vs_clone_refused(long result)
{
	return result == -ENOSYS || result == -EINVAL || result == -EPERM;
}

/* If s->masked, all signals are blocked then, and *old is the mask of before.
 */
static long start(struct vs_spawn *s, char *stack, vs_sigset *old)
{
	bool clone3_only =
		s->want_pidfd || s->attr.flags & POSIX_SPAWN_SETCGROUP;
	bool skip = clone3_refused && !clone3_only;
	long r = -ENOSYS;

	s->masked = skip || needs_mask(s);
	if (s->masked)
		vs_block_all(old);
	s->mask = s->attr.flags & POSIX_SPAWN_SETSIGMASK ? s->attr.mask : *old;
	if (!skip)
		r = by_clone3(s, stack);
	if (vs_unlikely(vs_clone_refused(r)) && !clone3_only) {
		if (!s->masked) {
			vs_block_all(old);
			s->mask = *old;
			s->masked = true;
		}
		r = by_clone(s, stack);
		if (r > 0)
			clone3_refused = true;
	}
	return r;
}

/* The child did not leave its mark. Either it was killed before it could, or
 * it has a copy of our memory (qemu-user, WSL1). It cannot tell us an error
 * then; this once it exits with 127, as POSIX allows. */
static void suspect(pid_t pid)
{
	siginfo_t info = {0};

	vs_sys(SYS_waitid, P_PID, pid, &info, WEXITED | WNOHANG | WNOWAIT,
	       NULL);
	if (info.si_code != CLD_KILLED && info.si_code != CLD_DUMPED)
		not_shared = true;
}

/* A child that failed is none: nobody else may get to see it. With SIGCHLD
 * ignored the kernel has seen to that. */
static void reap(const struct vs_spawn *s, pid_t pid)
{
	while (vs_sys(SYS_wait4, pid, NULL, 0, NULL) == -EINTR)
		;
	if (s->want_pidfd)
		vs_sys(SYS_close, s->pidfd);
}

/* Of a child that there is, or was. */
static long conclude(const struct vs_spawn *s, pid_t pid)
{
	if (vs_unlikely(!s->shared))
		suspect(pid);
	if (s->error) {
		reap(s, pid);
		return -s->error;
	}
	if (s->told)
		*s->told = s->want_pidfd ? s->pidfd : pid;
	return pid;
}

long vs_spawn_start(struct vs_spawn *s)
{
	char stack[STACK] __attribute__((aligned(16)));
	vs_sigset old = {0};
	long r = start(s, stack, &old);

	if (r > 0)
		r = conclude(s, (pid_t)r);
	if (s->masked)
		vs_unblock(&old);
	return r;
}

#endif
