/* SPDX-License-Identifier: MIT
 * See sigsys.h. Raw system calls only. */
#include <stddef.h>

#include "base/compiler.h"
#include "kernel/lock.h"
#include "kernel/sigmask.h"
#include "kernel/sys.h"
#include "libc/threads.h"
#include "txn/handler/sigsys.h"

/* Held for one system call, with signals blocked. */
static vs_lock lock VS_HOT;
static int users VS_HOT;
static vs_handler installed VS_HOT; /* or NULL */
static struct vs_ksigaction shadow VS_HOT;

/* The process whose action it is; 0: it was never installed. */
static _Atomic long owner VS_HOT;

/* To put SIG_IGN back would discard what other threads have blocked and
 * pending, which nobody can take out and send again for them. */
static bool can_be_put_back(void)
{
	return !vs_is_ignored(&shadow) || vs_single_threaded();
}

bool vs_sigsys_install(vs_handler handler)
{
	struct vs_ksigaction ours;
	bool can = true;

	vs_ksigaction_set(&ours, handler, SA_SIGINFO | SA_NODEFER | SA_ONSTACK);
	vs_lock_take(&lock);
	if (vs_unlikely(!owner))
		owner = vs_sys(SYS_getpid);
	if (!users) {
		/* Known before ours is there: see vs_sigsys_reset(). A filter
		 * may refuse it. */
		can = !vs_sigaction(SIGSYS, NULL, &shadow) && can_be_put_back();
		installed = handler;
		can = can && !vs_sigaction(SIGSYS, &ours, NULL);
	}
	users += can;
	vs_lock_drop(&lock);
	return can;
}

void vs_sigsys_remove(void)
{
	vs_lock_take(&lock);
	if (--users == 0)
		vs_sigaction(SIGSYS, &shadow, NULL);
	vs_lock_drop(&lock);
}

/* Another thread may have been installing or removing it while the process was
 * copied, the handlers first, the memory later: only the kernel knows. */
void vs_sigsys_reset(void)
{
	struct vs_ksigaction now;

	if (installed) {
		vs_sigaction(SIGSYS, NULL, &now);
		if (now.handler == installed)
			vs_sigaction(SIGSYS, &shadow, NULL);
	}
	users = 0;
	vs_lock_reset(&lock);
	owner = 0;
}

/* Without the lock: see vs_sigsys_hold_own(). */
bool vs_sigsys_correct(struct vs_ksigaction *action)
{
	bool ours = action->handler == installed;

	if (ours)
		*action = shadow;
	return ours;
}

struct vs_ksigaction *vs_sigsys_hold(vs_sigset *mask)
{
	vs_block_all(mask);
	vs_lock_take(&lock);
	return users > 0 ? &shadow : NULL;
}

void vs_sigsys_release(const vs_sigset *mask)
{
	vs_lock_drop(&lock);
	vs_unblock(mask);
}

static bool is_apart(void)
{
	enum { KCMP_SIGHAND = 4 }; /* linux/kcmp.h */
	long pid, of = owner;

	if (!of)
		return false;
	pid = vs_sys(SYS_getpid);
	return pid != of && vs_sys(SYS_kcmp, of, pid, KCMP_SIGHAND, 0, 0) != 0;
}

/* Asked before the lock, which one that is killed would not give back; and
 * once more in it, as the first to install the handler may have come between:
 * there had been no owner to be apart from. */
bool vs_sigsys_hold_own(vs_sigset *mask, struct vs_ksigaction **held)
{
	if (vs_unlikely(is_apart()))
		return false;
	*held = vs_sigsys_hold(mask);
	if (vs_likely(!*held || !is_apart()))
		return true;
	vs_sigsys_release(mask);
	return false;
}

struct vs_ksigaction vs_sigsys_shadow(void)
{
	struct vs_ksigaction now;
	vs_sigset mask;

	vs_sigsys_hold(&mask);
	now = shadow;
	vs_sigsys_release(&mask);
	return now;
}

/* Whether this thread is at one of the calls below, which a filter of the
 * host's may trap as well. */
static VS_THREAD bool forwarding;

/* With blocked what the kernel would block; the handler's return, or what
 * follows ours, undoes it. In a thread that forks all is blocked but SIGSYS,
 * which must not be: there it is `virtual` that changes. */
static void call_handler(const struct vs_ksigaction *act, siginfo_t *info,
			 void *context, uint64_t *virtual)
{
	vs_sigset mask = act->mask;
	uint64_t before = virtual ? *virtual : 0, also;

	if (!(act->flags & SA_NODEFER))
		vs_sigset_add(&mask, SIGSYS);
	if (virtual) {
		__builtin_memcpy(&also, &mask, sizeof(also));
		*virtual |= also;
	} else if (!forwarding) {
		forwarding = true;
		vs_sys(SYS_rt_sigprocmask, SIG_BLOCK, &mask, NULL,
		       VS_KSIGSET_SIZE);
		forwarding = false;
	}
	act->handler(SIGSYS, info, context);
	if (virtual)
		*virtual = before;
}

static bool is_for_one(const struct vs_ksigaction *act)
{
	return act->flags & SA_RESETHAND && !vs_is_ignored(act);
}

static void make_default(struct vs_ksigaction *act)
{
	act->handler = (vs_handler)(uintptr_t)SIG_DFL;
}

/* In a child by vfork() that was born with our handler: its own table has what
 * is left. Without the lock: see vs_sigsys_hold_own(). */
static struct vs_ksigaction take_apart(void)
{
	struct vs_ksigaction act = shadow, left = act;

	make_default(&left);
	if (is_for_one(&act))
		vs_sigaction(SIGSYS, &left, NULL);
	return act;
}

static struct vs_ksigaction take_own(void)
{
	struct vs_ksigaction act;
	vs_sigset mask;

	vs_sigsys_hold(&mask);
	act = shadow;
	if (is_for_one(&act))
		make_default(&shadow);
	vs_sigsys_release(&mask);
	return act;
}

/* What the application believes, for the signal at hand: for one only, if that
 * is how it was asked for. */
static struct vs_ksigaction take_shadow(void)
{
	struct vs_ksigaction act;

	if (forwarding)
		return shadow;
	forwarding = true;
	act = is_apart() ? take_apart() : take_own();
	forwarding = false;
	return act;
}

void vs_sigsys_forward(siginfo_t *info, void *context, uint64_t *mask)
{
	struct vs_ksigaction act = take_shadow();
	uint64_t only = VS_SIGBIT(SIGSYS);

	if (vs_is_ignored(&act))
		return;
	if (vs_is_handled(&act)) {
		call_handler(&act, info, context, mask);
		return;
	}
	vs_sigaction(SIGSYS, &act, NULL);
	vs_sys(SYS_tgkill, vs_sys(SYS_getpid), vs_sys(SYS_gettid), SIGSYS);
	vs_sys(SYS_rt_sigprocmask, SIG_UNBLOCK, &only, NULL, VS_KSIGSET_SIZE);
}
