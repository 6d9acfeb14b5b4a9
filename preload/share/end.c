/* SPDX-License-Identifier: MIT
 *
 * The ends of a child that shares memory, other than exec: its death, which
 * the application must see once and as that of a child of its own; and its
 * change into a true child.
 *
 * The child has no exit signal: wait() does not find it and no SIGCHLD tells
 * of it, until an exec makes the kernel set SIGCHLD (de_thread() in
 * fs/exec.c). Only we find it, with __WCLONE.
 */
#include <errno.h>
#include <linux/prctl.h>
#include <sched.h>
#include <signal.h>
#include <stddef.h>
#include <sys/resource.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

#include "kernel/lock.h"
#include "kernel/task/stand_in.h"
#include "libc/facts.h"
#include "libc/places.h"
#include "libc/real.h"
#include "memory/gate.h"
#include "share/internal.h"

#if VS_ARCH_SHARE

/* ---- the subreaper flag: one per process, forks may overlap ---- */

static struct {
	vs_lock lock;
	unsigned users;
	int was_set;
} reaper;

/* The kernel gives orphans to the nearest ancestor that has the flag; a child
 * made by CLONE_PARENT instead would inherit its maker's lack of an exit
 * signal. The price: an orphan that other descendants leave in the same
 * moment comes here, too. */
bool vs_share_hold_reaper(void)
{
	bool held = true;

	vs_lock_take(&reaper.lock);
	if (!reaper.users) {
		reaper.was_set = 0;
		held = !vs_sys(SYS_prctl, PR_GET_CHILD_SUBREAPER,
			       &reaper.was_set) &&
		       (reaper.was_set ||
			!vs_sys(SYS_prctl, PR_SET_CHILD_SUBREAPER, 1));
	}
	reaper.users += held;
	vs_lock_drop(&reaper.lock);
	return held;
}

void vs_share_release_reaper(void)
{
	vs_lock_take(&reaper.lock);
	if (!--reaper.users && !reaper.was_set)
		vs_sys(SYS_prctl, PR_SET_CHILD_SUBREAPER, 0);
	vs_lock_drop(&reaper.lock);
}

void vs_share_reset_reaper(void)
{
	reaper.users = 0;
	reaper.lock = 0;
}

/* ---- death ---- */

long vs_share_settle(struct vs_share *s, long pid)
{
	int status = 0;
	long r;

	do {
		r = vs_sys(SYS_wait4, pid, &status, __WCLONE, NULL);
	} while (r == -EINTR);
	/* Its orphan is ours by now: reparenting comes before the zombie. */
	if (s->true_child)
		return s->true_child;
	/* ECHILD: the exec took hold. Else the child died and is reaped,
	 * unseen; should the kernel refuse another, fork() fails after the
	 * fact. */
	return r == pid ? vs_stand_in(status) : pid;
}

/* ---- becoming a true child ---- */

/* Kernel state of a process that its fork does not inherit. */
struct own_state {
	long pid;
	int death_signal;
	bool leads_session;
	bool leads_group;
	struct timer {
		long interval[2], value[2]; /* s, us: as the kernel has it */
	} timer[3];
};

static void take_state(struct own_state *own)
{
	own->pid = vs_sys(SYS_getpid);
	own->death_signal = 0;
	vs_sys(SYS_prctl, PR_GET_PDEATHSIG, &own->death_signal);
	own->leads_session = vs_sys(SYS_getsid, 0) == own->pid;
	own->leads_group = vs_sys(SYS_getpgid, 0) == own->pid;
	for (int i = 0; i < 3; i++)
		vs_sys(SYS_getitimer, i, &own->timer[i]);
}

/* Restartable sequences: a child that shares memory has none registered, so its
 * fork has none, but libc (since 2.35) and per-CPU allocators take it for
 * granted. */
static void register_rseq(void)
{
#	ifdef SYS_rseq
	struct vs_range area = vs_rseq_area();

	if (area.lo)
		vs_sys(SYS_rseq, area.lo, area.hi - area.lo, 0,
		       VS_RSEQ_SIGNATURE);
#	endif
}

static void put_state(const struct own_state *own)
{
	register_rseq();
	if (own->leads_session)
		vs_sys(SYS_setsid);
	else if (own->leads_group)
		vs_sys(SYS_setpgid, 0, 0);
	/* getppid() must not give the forerunner away, and a death signal
	 * must not be that one's. */
	while (vs_sys(SYS_getppid) == own->pid)
		vs_sys(SYS_sched_yield);
	if (own->death_signal)
		vs_sys(SYS_prctl, PR_SET_PDEATHSIG, own->death_signal);
	for (int i = 0; i < 3; i++) {
		const struct timer *t = &own->timer[i];

		if (t->value[0] || t->value[1] || t->interval[0] ||
		    t->interval[1])
			vs_sys(SYS_setitimer, i, t, NULL);
	}
}

/* The real fork(), because libc's locks and the application's atfork handlers
 * are to be seen to. The copy is an orphan as soon as this process is gone. */
void vs_share_become_true_child(void)
{
	struct vs_share *s = vs_sharing;
	uint64_t mask, all = VS_ALL_SIGNALS;
	struct own_state own;
	int saved = errno;
	long pid;

	if (!s)
		return;
	if (s->armed)
		vs_share_disarm(s);
	vs_share_report((uintptr_t)__builtin_dwarf_cfa());
	vs_sys(SYS_rt_sigprocmask, SIG_SETMASK, &all, &mask, VS_KSIGSET_SIZE);
	take_state(&own);
	vs_gate_enter_native();
	pid = VS_REAL(fork)();
	if (pid)
		vs_gate_leave_native();
	if (pid > 0) {
		s->true_child = pid;
		for (;;)
			vs_sys(SYS_exit_group, 0);
	}
	if (!pid) {
		vs_sharing = NULL;
		s->in_native_child();
		put_state(&own);
	} else {
		s->left = false;
	}
	vs_sys(SYS_rt_sigprocmask, SIG_SETMASK, &mask, NULL, VS_KSIGSET_SIZE);
	errno = saved;
}

#endif
