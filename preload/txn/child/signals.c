/* SPDX-License-Identifier: MIT
 *
 * The signal state that the speculative child believes it has. Really, every
 * signal is blocked but the held ones, whose handlers are ours: a handler of
 * the application that ran here could block SIGSYS by its sa_mask, and a
 * trapped system call with SIGSYS blocked is death. What arrives meanwhile
 * stays pending and is looked at before exec.
 *
 * The mask, the held dispositions and the alternate stack are kept here; all
 * other dispositions are the child's own and go to the kernel. What survives
 * exec (mask, ignored signals) is made true just before it.
 */
#include <errno.h>
#include <stddef.h>
#include <time.h>

#include "port.h"
#include "txn/txn.h"

/* A fault in the child must not dump core or be handled: it is rolled back,
 * and happens again in a true child. */
static const unsigned char held[] = {SIGSYS, SIGSEGV, SIGBUS,
				     SIGFPE, SIGILL,  SIGTRAP};
enum { HELD = sizeof(held) };

static uint64_t mask;			  /* as the child set it */
static struct vs_ksigaction action[HELD]; /* as the child set them */
static stack_t altstack;		  /* as the child set it */

/* What the kernel does not keep. */
static const uint64_t NEVER_BLOCKED = VS_SIGBIT(SIGKILL) | VS_SIGBIT(SIGSTOP);
static const unsigned long KNOWN_FLAGS =
	SA_NOCLDSTOP | SA_NOCLDWAIT | SA_SIGINFO | SA_ONSTACK | SA_RESTART |
	SA_NODEFER | SA_RESETHAND | VS_SA_RESTORER | SA_EXPOSE_TAGBITS;

static int held_index(long sig)
{
	for (int i = 0; i < HELD; i++) {
		if (sig == held[i])
			return i;
	}
	return -1;
}

uint64_t vs_signals_real_mask(void)
{
	return VS_ALL_SIGNALS &
	       ~(VS_SIGBIT(SIGSYS) | VS_SIGBIT(SIGSEGV) | VS_SIGBIT(SIGBUS) |
		 VS_SIGBIT(SIGFPE) | VS_SIGBIT(SIGILL) | VS_SIGBIT(SIGTRAP));
}

static void set_real_mask(uint64_t to)
{
	vs_sys(SYS_rt_sigprocmask, SIG_SETMASK, &to, NULL, VS_KSIGSET_SIZE);
}

static void install(int i, struct vs_ksigaction *old)
{
	struct vs_ksigaction ours;

	/* Nested faults are part of the game. No mask: all is blocked. */
	vs_ksigaction_set(
		&ours, held[i] == SIGSYS ? vs_txn_on_sigsys : vs_child_on_fault,
		SA_SIGINFO | SA_NODEFER | SA_ONSTACK);
	vs_sys(SYS_rt_sigaction, held[i], &ours, old, VS_KSIGSET_SIZE);
}

/* held[0], SIGSYS, has been ours since before the clone. */
void vs_signals_start(uint64_t believed, const struct vs_ksigaction *sigsys,
		      const stack_t *stack)
{
	mask = believed;
	altstack = *stack;
	action[0] = *sigsys;
	for (int i = 1; i < HELD; i++)
		install(i, &action[i]);
	set_real_mask(vs_signals_real_mask());
}

int vs_signals_edit(uint64_t *edited, long how, uint64_t set)
{
	set &= ~NEVER_BLOCKED;
	switch (how) {
	case SIG_BLOCK:
		*edited |= set;
		return 0;
	case SIG_UNBLOCK:
		*edited &= ~set;
		return 0;
	case SIG_SETMASK:
		*edited = set;
		return 0;
	default:
		return -EINVAL;
	}
}

long vs_signals_procmask(const long args[6])
{
	uint64_t before = mask;
	int r = 0;

	if (args[3] != VS_KSIGSET_SIZE)
		return -EINVAL;
	vs_pages_want((uintptr_t)args[1], sizeof(mask));
	vs_pages_want((uintptr_t)args[2], sizeof(mask));
	if (args[1])
		r = vs_signals_edit(&mask, args[0], *(uint64_t *)args[1]);
	if (!r && args[2])
		*(uint64_t *)args[2] = before;
	return r;
}

long vs_signals_action(const long args[6])
{
	const struct vs_ksigaction *act = (const void *)args[1];
	struct vs_ksigaction *old = (void *)args[2], before;
	int i = held_index(args[0]);

	vs_pages_want((uintptr_t)args[1], sizeof(*act));
	vs_pages_want((uintptr_t)args[2], sizeof(*old));
	if (i < 0 || args[3] != VS_KSIGSET_SIZE)
		return vs_sys(SYS_rt_sigaction, args[0], args[1], args[2],
			      args[3]);
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

/* The least size that the kernel takes is 2 to 5 KiB, by CPU. */
static bool may_be_altstack(const stack_t *set)
{
	enum { LARGE_ENOUGH = 1 << 13 };

	return set->ss_flags == SS_DISABLE ||
	       (!set->ss_flags && set->ss_size >= LARGE_ENOUGH);
}

long vs_signals_altstack(const long args[6])
{
	const stack_t *set = (const void *)args[0];
	static const stack_t none = {.ss_flags = SS_DISABLE};
	stack_t *old = (void *)args[1], before = altstack;

	vs_pages_want((uintptr_t)args[0], sizeof(*set));
	vs_pages_want((uintptr_t)args[1], sizeof(*old));
	if (set) {
		if (!may_be_altstack(set))
			vs_child_rollback(VS_WHY_SYSCALL, SYS_sigaltstack);
		altstack = set->ss_flags ? none : *set;
	}
	if (old)
		*old = before;
	return 0;
}

/* The frame's mask is what the application will believe; really the thread
 * goes on with `real`, and with its alternate stack as it is: the kernel takes
 * that from the frame too, unless it is invalid. */
_Noreturn void vs_signals_sigreturn(ucontext_t *uc, uint64_t *believed,
				    uint64_t real)
{
	ucontext_t *frame = vs_ctx_sigframe(uc);

	*believed = vs_get_mask(frame);
	vs_set_mask(frame, real);
	frame->uc_stack.ss_flags = 0x7f;
	vs_sigreturn(frame);
}

/* From the handler of the application in which fork() was called. */
void vs_child_sigreturn(ucontext_t *uc)
{
	ucontext_t *frame = vs_ctx_sigframe(uc);
	uint64_t real = vs_signals_real_mask();

	vs_pages_want((uintptr_t)frame, sizeof(*frame));
	/* Or from one that interrupted an exec, where the mask is true. */
	if (vs_txn.shared->state == VS_TXN_EXEC)
		real = vs_get_mask(frame);
	vs_signals_sigreturn(uc, &mask, real);
}

/* Handlers do not survive exec, so the held signals need be made true only
 * where they are ignored. A signal that is pending and not blocked would be
 * handled here by the application: that takes a true child. */
void vs_signals_before_exec(void)
{
	uint64_t pending = 0;

	vs_sys(SYS_rt_sigpending, &pending, VS_KSIGSET_SIZE);
	if (pending & ~mask)
		vs_child_rollback(VS_WHY_SIGNAL, 0);
	for (int i = 0; i < HELD; i++) {
		if ((uintptr_t)action[i].handler == (uintptr_t)SIG_IGN)
			vs_sys(SYS_rt_sigaction, held[i], &action[i], NULL,
			       VS_KSIGSET_SIZE);
	}
	set_real_mask(mask);
}

/* From its own timers or calls: comes again. */
static bool self_made(const siginfo_t *info)
{
	return info->si_signo == SIGALRM || info->si_signo == SIGVTALRM ||
	       info->si_signo == SIGPROF ||
	       (info->si_code == SI_USER && info->si_pid == vs_sys(SYS_getpid));
}

void vs_signals_leave(struct vs_left_signals *left)
{
	uint64_t which = vs_signals_real_mask();
	struct timespec now = {0};

	left->count = 0;
	while (left->count < VS_MAX_SIGNALS &&
	       vs_sys(SYS_rt_sigtimedwait, &which, &left->info[left->count],
		      &now, VS_KSIGSET_SIZE) > 0) {
		if (!self_made(&left->info[left->count]))
			left->count++;
	}
}

void vs_signals_inherit(const struct vs_left_signals *left)
{
	long self = vs_sys(SYS_getpid);

	for (int i = 0; i < left->count; i++)
		vs_sys(SYS_rt_sigqueueinfo, self, left->info[i].si_signo,
		       &left->info[i]);
}

void vs_signals_after_exec(void)
{
	set_real_mask(vs_signals_real_mask());
	for (int i = 0; i < HELD; i++)
		install(i, NULL);
}
