/* SPDX-License-Identifier: MIT
 *
 * fork() that shares memory: the parent's side. See share.h.
 *
 * The child runs on the parent's stack, from the frame of vs_share_clone() up,
 * and leaves it changed. So the stack is copied before, and the parent wakes
 * on a stack of its own to put it back. Registers need nothing: the kernel
 * keeps the parent's.
 */
#include "share/share.h"

#include <errno.h>
#include <stdatomic.h>
#include <string.h>

#include "kernel/lock.h"
#include "kernel/sigmask.h"
#include "kernel/sys.h"
#include "libc/threads.h"
#include "libc/places.h"
#include "libc/real.h"
#include "share/internal.h"

#if VS_ARCH_SHARE

/* Mapped at load if a setting asks for sharing, and else not at all: 1.2 MB
 * would count against RLIMIT_AS in every process. Not later, if it can be
 * helped: the kernel might put them where the program wants to map something
 * itself. */
static struct vs_share *_Atomic slots;
static vs_lock making;

/* By a rule, when that is first applied, maybe by two threads at once. */
void vs_share_prepare(void)
{
	uint64_t mask, all = VS_ALL_SIGNALS;

	if (vs_likely(slots))
		return;
	vs_sys(SYS_rt_sigprocmask, SIG_SETMASK, &all, &mask, VS_KSIGSET_SIZE);
	vs_lock_take(&making);
	if (!slots)
		slots = vs_map_new(VS_SHARE_SLOTS * sizeof(*slots),
				   MAP_PRIVATE);
	vs_may_share = slots;
	vs_lock_drop(&making);
	vs_sys(SYS_rt_sigprocmask, SIG_SETMASK, &mask, NULL, VS_KSIGSET_SIZE);
}

static struct vs_share *claim(void)
{
	for (int i = 0; slots && i < VS_SHARE_SLOTS; i++) {
		if (!atomic_exchange(&slots[i].busy, 1))
			return &slots[i];
	}
	return NULL;
}

/*
 * The end of this thread's stack, or 0 if it is not where it is looked for. A
 * process's first stack ends in its environment, above which the kernel has
 * put 16 random bytes; that of a glibc thread ends in its TCB. A coroutine's
 * is somewhere else, or so close below a small thread's that an unreadable
 * guard page gives it away.
 */
static uintptr_t stack_top(uintptr_t sp, bool first_thread)
{
	uintptr_t top = first_thread ? vs_stack_top() : vs_thread_pointer();

	if (top <= sp || top - sp > VS_SHARE_COPY)
		return 0;
	top &= -sizeof(uintptr_t);
	for (uintptr_t at = top; !first_thread && at > sp; at -= VS_PAGE) {
		if (!vs_readable(at - 8))
			return 0;
	}
	return top;
}

void vs_share_copy(struct vs_share *s)
{
	memcpy(s->copy, (const void *)s->sp, s->top - s->sp);
}

/* On the private stack. */
long vs_share_resume(struct vs_share *s, long result)
{
	if (result < 0)
		return result;
	if (s->alone)
		memcpy((void *)s->sp, s->copy, s->top - s->sp);
	else
		vs_share_restore_among_threads(s);
	return result;
}

void vs_share_reset(void)
{
	vs_lock_reset(&making);
	if (!slots)
		return;
	for (int i = 0; i < VS_SHARE_SLOTS; i++)
		atomic_store(&slots[i].busy, 0);
	vs_share_reset_reaper();
}

/* All that can go wrong before the clone. Signals are blocked. */
static enum vs_why_native prepare(struct vs_share *s, uintptr_t cfa)
{
	bool first = vs_sys(SYS_gettid) == vs_sys(SYS_getpid);

	s->cfa = cfa;
	s->alone = first && vs_single_threaded();
	s->reported = 0;
	s->true_child = 0;
	s->armed = false;
	s->private_stack = s->stack + sizeof(s->stack);
	/* The frames between here and the stub take far less than 1 KiB. */
	s->top = stack_top((uintptr_t)__builtin_frame_address(0) - 1024, first);
	if (!s->top || cfa >= s->top)
		return VS_WHY_UNKNOWN_STACK;
	if (!s->alone)
		vs_share_find_frames(s);
	/* A program without unwind tables: what to put back is not known. */
	if (!s->alone && !s->frames)
		return VS_WHY_UNKNOWN_STACK;
	/* Looked up now, while memory is ours alone. */
	if (!vs_real_lookup(VS_ENTRY_fork))
		return VS_WHY_LIBC;
	if (vs_interposed(VS_ENTRY_fork))
		return VS_WHY_INTERPOSED;
	return vs_share_hold_reaper() ? VS_WHY_NONE : VS_WHY_REFUSED;
}

/* The child has returned through this frame once, and the parent has it back
 * as it was. */
static long run(struct vs_share *s)
{
	int saved = errno;
	long pid;

	vs_sharing = s;
	pid = vs_share_clone(s);
	if (!pid) {
		if (!s->alone)
			vs_share_starts(s);
		vs_sys(SYS_rt_sigprocmask, SIG_SETMASK, &s->mask, NULL,
		       VS_KSIGSET_SIZE);
		return 0;
	}
	vs_sharing = NULL;
	if (pid > 0)
		pid = vs_share_settle(s, pid);
	else if (pid != -EAGAIN && pid != -ENOMEM)
		pid = VS_SHARE_NOT; /* a filter; libc's clone may pass it */
	errno = saved;
	return pid;
}

long vs_share_fork(uintptr_t cfa, void (*in_native_child)(void),
		   enum vs_why_native *why)
{
	uint64_t mask, all = VS_ALL_SIGNALS;
	struct vs_share *s;
	long pid = VS_SHARE_NOT;

	*why = VS_WHY_SHADOW_STACK;
	if (vs_shadow_stack())
		return VS_SHARE_NOT;
	/* A handler must not run on a stack that is not its own any more. The
	 * child gets the application's mask back, as after a native fork; that
	 * a handler may then run in shared memory is the lot of every vfork
	 * child. */
	vs_sys(SYS_rt_sigprocmask, SIG_SETMASK, &all, &mask, VS_KSIGSET_SIZE);
	*why = VS_WHY_NO_RESOURCE;
	s = claim();
	if (s) {
		s->mask = mask;
		s->in_native_child = in_native_child;
		*why = prepare(s, cfa);
		if (*why == VS_WHY_NONE) {
			pid = run(s);
			if (pid == VS_SHARE_NOT)
				*why = VS_WHY_REFUSED;
			if (!pid)
				return 0;
			vs_share_release_reaper();
		}
		atomic_store(&s->busy, 0);
	}
	vs_sys(SYS_rt_sigprocmask, SIG_SETMASK, &mask, NULL, VS_KSIGSET_SIZE);
	return pid;
}

#else /* !VS_ARCH_SHARE */

long vs_share_fork(uintptr_t cfa, void (*in_native_child)(void),
		   enum vs_why_native *why)
{
	(void)cfa;
	(void)in_native_child;
	*why = VS_WHY_NO_TXN;
	return VS_SHARE_NOT;
}

void vs_share_prepare(void)
{
}

void vs_share_become_true_child(void)
{
}

void vs_share_reset(void)
{
}

void vs_share_report(uintptr_t cfa)
{
	(void)cfa;
}

void vs_share_exec_begins(uintptr_t cfa)
{
	(void)cfa;
}

void vs_share_exec_failed(void)
{
}

#endif
