/* SPDX-License-Identifier: MIT
 *
 * The signal state that the speculative child believes it has. Really, every
 * signal is blocked but the intercepted ones, whose handlers are ours: a
 * handler of the application that ran here could block SIGSYS by its sa_mask,
 * and a trapped system call with SIGSYS blocked is death. What arrives
 * meanwhile stays pending and is looked at before exec.
 *
 * The mask and the intercepted dispositions are kept here; all other
 * dispositions are the child's own and go to the kernel. What survives exec
 * (mask, ignored signals) is made true just before it.
 */
#include <errno.h>
#include <stddef.h>

#include "txn/child/internal.h"
#include "txn/record/virtual_mask.h"

/* A fault in the child must not dump core or be handled: it is rolled back,
 * and happens again in a native child. */
static const unsigned char intercepted[] = {SIGSYS, SIGSEGV, SIGBUS,
					    SIGFPE, SIGILL,  SIGTRAP};
enum { INTERCEPTED = sizeof(intercepted) };

static uint64_t mask VS_HOT; /* as the child set it */
static struct vs_ksigaction action[INTERCEPTED] VS_HOT; /* likewise */

/* What the kernel keeps of sa_flags: UAPI_SA_FLAGS in linux/signal_types.h. */
static const unsigned long KNOWN_FLAGS =
	SA_NOCLDSTOP | SA_NOCLDWAIT | SA_SIGINFO | SA_ONSTACK | SA_RESTART |
	SA_NODEFER | SA_RESETHAND | VS_SA_RESTORER | SA_EXPOSE_TAGBITS;

static int index_of(int sig)
{
	for (int i = 0; i < INTERCEPTED; i++) {
		if (sig == intercepted[i])
			return i;
	}
	return -1;
}

static uint64_t intercepted_set(void)
{
	uint64_t set = 0;

	for (int i = 0; i < INTERCEPTED; i++)
		set |= VS_SIGBIT(intercepted[i]);
	return set;
}

static void set_real_mask(uint64_t to)
{
	vs_sys(SYS_rt_sigprocmask, SIG_SETMASK, &to, NULL, VS_KSIGSET_SIZE);
}

/* Ours, of SIGSYS and of the others. */
static vs_handler on_sigsys VS_HOT, on_fault VS_HOT;

static void install(int i, struct vs_ksigaction *old)
{
	struct vs_ksigaction ours;

	/* SA_NODEFER: a fault in the handler of a fault is expected. The mask
	 * may be empty, because everything is blocked anyway. */
	vs_ksigaction_set(&ours,
			  intercepted[i] == SIGSYS ? on_sigsys : on_fault,
			  SA_SIGINFO | SA_NODEFER | SA_ONSTACK);
	vs_sigaction(intercepted[i], &ours, old);
}

/* intercepted[0], SIGSYS, has been ours since before the clone. */
void vs_signals_start(uint64_t virtual, const struct vs_ksigaction *sigsys,
		      vs_handler sigsys_handler, vs_handler fault_handler)
{
	mask = virtual;
	action[0] = *sigsys;
	on_sigsys = sigsys_handler;
	on_fault = fault_handler;
	for (int i = 1; i < INTERCEPTED; i++)
		install(i, &action[i]);
	set_real_mask(vs_child_real_mask());
}

/* A signal that waits, and that the child does not believe blocked, would have
 * been handled by now, or been its end. */
static void must_not_wait(void)
{
	uint64_t pending = 0;

	vs_sys(SYS_rt_sigpending, &pending, VS_KSIGSET_SIZE);
	if (pending & ~mask)
		vs_child_rollback(VS_UNDONE_SIGNAL, 0);
}

/* Before what hides that one has come: to block it, or to ignore it, at which
 * the kernel discards it. It has come before that if the child has caused it
 * itself, by a timer or a pipe that nobody reads; others' may have come later,
 * and are not to be lost in a rollback. */
static void must_not_hide(void)
{
	if (vs_child.rings)
		must_not_wait();
}

long vs_signals_procmask(const long args[6])
{
	uint64_t before = mask;
	int r = 0;

	if (args[3] != VS_KSIGSET_SIZE)
		return -EINVAL;
	vs_child_want((uintptr_t)args[1], sizeof(mask));
	vs_child_want((uintptr_t)args[2], sizeof(mask));
	if (args[1]) {
		uint64_t set = *(uint64_t *)args[1];

		if ((int)args[0] != SIG_UNBLOCK && set & ~before)
			must_not_hide();
		r = vs_virtual_mask_edit(&mask, (int)args[0], set);
	}
	if (!r && args[2])
		*(uint64_t *)args[2] = before;
	return r;
}

long vs_signals_pending(const long args[6])
{
	must_not_wait();
	vs_child_want((uintptr_t)args[0], sizeof(mask));
	return vs_sys(SYS_rt_sigpending, args[0], args[1]);
}

/* By the default of some as well (sig_kernel_ignore() in linux/signal.h). */
static bool discards(int sig, const struct vs_ksigaction *act)
{
	return vs_is_ignored(act) ||
	       (!vs_is_handled(act) && (sig == SIGCONT || sig == SIGCHLD ||
					sig == SIGWINCH || sig == SIGURG));
}

/* Whether the signal has a handler now is known, whatever it had: many children
 * take them all away before their exec, where each that there may be costs two
 * system calls more. */
static long real_action(const long args[6], const struct vs_ksigaction *act)
{
	int sig = (int)args[0];
	bool known = act && sig > 0 && sig <= VS_SIGNALS;
	bool handles = known && vs_is_handled(act);
	long r;

	if (known && discards(sig, act))
		must_not_hide();
	if (handles)
		vs_txn.handled |= VS_SIGBIT(sig);
	r = vs_sys(SYS_rt_sigaction, args[0], args[1], args[2], args[3]);
	if (!r && known && !handles)
		vs_txn.handled &= ~VS_SIGBIT(sig);
	return r;
}

/* The number is an int: what else is in its argument the kernel does not look
 * at, and compilers leave there what was. So it is of all that are no longs. */
long vs_signals_action(const long args[6])
{
	const struct vs_ksigaction *act = (const void *)args[1];
	struct vs_ksigaction *old = (void *)args[2], before;
	int i = index_of((int)args[0]);

	vs_child_want((uintptr_t)args[1], sizeof(*act));
	vs_child_want((uintptr_t)args[2], sizeof(*old));
	if (i < 0 || args[3] != VS_KSIGSET_SIZE)
		return real_action(args, act);
	before = action[i];
	if (act) {
		action[i] = *act;
		action[i].flags &= KNOWN_FLAGS;
		vs_sigset_remove(&action[i].mask, SIGKILL);
		vs_sigset_remove(&action[i].mask, SIGSTOP);
	}
	if (old)
		*old = before;
	return 0;
}

/* fork() was called in a handler of the application's, which now returns. */
void vs_child_sigreturn(ucontext_t *uc)
{
	ucontext_t *frame = vs_ctx_sigframe(uc);
	uint64_t real = vs_child_real_mask();

	vs_child_want((uintptr_t)frame, sizeof(*frame));
	/* Or a handler returns that interrupted an exec: there the frame's mask
	 * is the real one. */
	if (vs_txn.page->phase == VS_TXN_EXEC)
		real = vs_get_mask(frame);
	else if (vs_get_mask(frame) & ~mask)
		must_not_wait();
	vs_virtual_sigreturn(uc, &mask, real);
}

bool vs_signals_blocked(int sig)
{
	return mask & VS_SIGBIT(sig);
}

/* ---- what /proc says ---- */

void vs_signals_show(struct vs_signals_shown *shown)
{
	must_not_wait();
	shown->blocked = mask;
	for (int i = 0; i < INTERCEPTED; i++) {
		uint64_t sig = VS_SIGBIT(intercepted[i]);

		shown->ignored &= ~sig;
		shown->caught &= ~sig;
		if (vs_is_ignored(&action[i]))
			shown->ignored |= sig;
		else if (vs_is_handled(&action[i]))
			shown->caught |= sig;
	}
}

/* ---- around exec ---- */

/* Handlers do not survive exec, so the intercepted signals need be made true
 * only where they are ignored. A signal that is pending and not blocked would
 * be handled here by the application: that takes a native child. */
void vs_signals_before_exec(void)
{
	must_not_wait();
	vs_early_handle(vs_txn.handled & ~mask & ~intercepted_set());
	for (int i = 0; i < INTERCEPTED; i++) {
		if (vs_is_ignored(&action[i]))
			vs_sigaction(intercepted[i], &action[i], NULL);
	}
	set_real_mask(mask);
}

void vs_signals_after_exec(void)
{
	set_real_mask(vs_child_real_mask());
	vs_early_restore();
	for (int i = 0; i < INTERCEPTED; i++)
		install(i, NULL);
}
