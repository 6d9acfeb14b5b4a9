/* SPDX-License-Identifier: MIT
 *
 * The transactional fork, as its parent sees it. The thread calls libc's real
 * fork() with Syscall User Dispatch on; libc runs its atfork handlers, takes
 * its locks and issues clone, which traps into vs_txn_on_sigsys(). There:
 *
 *   1. the big mappings are marked MADV_DONTFORK (txn_marks.c);
 *   2. clone is issued with CLONE_VFORK, so that this thread sleeps, and with
 *      exit signal 0: until it execs, when the kernel makes that SIGCHLD, the
 *      child is invisible to wait() and raises no signal;
 *   3. the child goes on into libc and the application, supervised
 *      (txn_child.c), until it execs: committed; or is about to do what others
 *      could see, or dies: rolled back, and nothing has happened;
 *   4. awake again, this thread unmarks the memory, and after a rollback
 *      issues the clone that libc asked for.
 *
 * All signals but SIGSYS are blocked meanwhile, for the same reason as in the
 * child (txn_signals.c), and the mask is virtual. Everything from the trap on
 * runs on a stack of our own: the application's may be a small coroutine's.
 */
#include <stddef.h>
#include <sys/mman.h>

#include "base/dispatch.h"
#include "memory/gate.h"
#include "port.h"
#include "txn/sigsys.h"
#include "txn/internal.h"

__thread struct vs_txn_call *vs_txn_calling;

bool vs_txn_under_way(void)
{
	return vs_txn_calling != NULL;
}

bool vs_txn_prepare(void)
{
	long r;

	if (vs_txn.shared)
		return true;
	r = vs_sys(SYS_mmap, 0, sizeof(*vs_txn.shared), PROT_READ | PROT_WRITE,
		   MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (r < 0 && r > -4096)
		return false;
	vs_txn.shared = (struct vs_txn_shared *)r;
	return true;
}

void vs_txn_after_true_fork(void)
{
	if (vs_txn.shared)
		vs_sys(SYS_munmap, vs_txn.shared, sizeof(*vs_txn.shared));
	vs_txn.shared = NULL;
	vs_txn.mem = -1;
	vs_txn_calling = NULL;
	vs_stack_reset();
	vs_sigsys_reset();
	vs_txn_able_new_process();
}

static void set_mask(int how, uint64_t mask, uint64_t *old)
{
	vs_sys(SYS_rt_sigprocmask, how, &mask, old, VS_KSIGSET_SIZE);
}

/* All that the thread needs before dispatch can be on. */
static bool enter(struct vs_txn_call *call, stack_t *stack)
{
	enum vs_reason why = VS_WHY_NONE;

	call->outcome->why_native = VS_WHY_NO_RESOURCE;
	if (!vs_txn_prepare() || !vs_stack_claim(stack))
		return false;
	set_mask(SIG_BLOCK, vs_txn_real_mask(), &call->mask);
	if (vs_sys(SYS_sigaltstack, stack, &call->altstack)) {
		why = VS_WHY_ALT_STACK;
	} else if (!vs_sigsys_install()) {
		why = VS_WHY_SIGSYS_IGNORED;
		vs_sys(SYS_sigaltstack, &call->altstack, NULL);
	}
	if (why) {
		call->outcome->why_native = why;
		set_mask(SIG_SETMASK, call->mask, NULL);
		vs_stack_release(stack);
		return false;
	}
	vs_txn_calling = call;
	/* Now, so that one that is pending comes to our handler. */
	if (call->mask & VS_SIGBIT(SIGSYS))
		set_mask(SIG_SETMASK, vs_txn_real_mask(), NULL);
	return true;
}

/* What kill() has sent to the process only its first thread may send again as
 * if it came from there. */
static void send_again(const siginfo_t *info)
{
	long pid = vs_sys(SYS_getpid), tid = vs_sys(SYS_gettid);

	if (info->si_code == SI_TKILL)
		vs_sys(SYS_rt_tgsigqueueinfo, pid, tid, SIGSYS, info);
	else if (vs_sys(SYS_rt_sigqueueinfo, pid, SIGSYS, info))
		vs_sys(SYS_kill, pid, SIGSYS);
}

static void leave(struct vs_txn_call *call, const stack_t *stack)
{
	if (call->abandoned)
		vs_gate_leave_true_fork();
	else
		vs_dispatch_off();
	vs_txn_calling = NULL;
	vs_sigsys_remove();
	vs_sys(SYS_sigaltstack, &call->altstack, NULL);
	vs_stack_release(stack);
	if (!call->abandoned)
		set_mask(SIG_SETMASK, call->mask, NULL);
	if (call->early.si_signo)
		send_again(&call->early);
}

/* Dispatch is not inherited; all else is. The mask has been put back when the
 * clone returned. */
static void leave_in_true_child(struct vs_txn_call *call)
{
	vs_after_true_fork();
	vs_sys(SYS_sigaltstack, &call->altstack, NULL);
}

pid_t vs_txn_fork(pid_t (*real)(void), struct vs_site *site,
		  struct vs_txn_outcome *outcome)
{
	struct vs_txn_call call = {.outcome = outcome, .site = site};
	stack_t stack;
	pid_t pid;

	if (!enter(&call, &stack))
		return vs_native_fork(real);
	if (vs_dispatch_on()) {
		leave(&call, &stack);
		outcome->why_native = VS_WHY_REFUSED;
		return vs_native_fork(real);
	}
	pid = real();
	if (vs_speculative)
		return pid;
	if (pid == 0)
		leave_in_true_child(&call);
	else
		leave(&call, &stack);
	return pid;
}
