/* SPDX-License-Identifier: MIT
 *
 * The transactional fork, as its parent sees it. The thread calls libc's real
 * fork() with Syscall User Dispatch on; libc runs its atfork handlers, takes
 * its locks and issues clone, which traps into vs_txn_on_sigsys(). There:
 *
 *   1. the big mappings are found and marked MADV_DONTFORK (scan.c, exclude.c);
 *   2. clone is issued with exit signal 0: until it execs, when the kernel
 *      makes that SIGCHLD, the child is invisible to wait() and raises no
 *      signal (clone.c);
 *   3. the child goes on into libc and the application, supervised (child/,
 *      calls/), until it execs: committed; or is about to do what others could
 *      see, or dies: rolled back, and nothing has happened. This thread waits
 *      for that, watches the time, and serves memory (await.c, serve.c);
 *   4. it unmarks the memory, and after a rollback issues the clone that libc
 *      asked for.
 *
 * All signals but SIGSYS are blocked meanwhile, for the same reason as in the
 * child (child/signals.c), and the mask is virtual. Where the thread waits for
 * somebody who waits until it has handled one, the transaction is given up
 * (trap.c). Everything from the trap on runs on a stack of our own: the
 * application's may be a small coroutine's.
 */
#include <stddef.h>

#include "base/child_kind.h"
#include "kernel/dispatch.h"
#include "kernel/point.h"
#include "kernel/sigmask.h"
#include "kernel/sys.h"
#include "kernel/task/hidden_usage.h"
#include "libc/unwind/callers.h"
#include "memory/gate.h"
#include "memory/queue.h"
#include "txn/able/able.h"
#include "txn/internal.h"
#include "txn/record/site.h"

void vs_txn_in_native_child(void)
{
	vs_txn_forget();
	vs_site_in_native_child();
	vs_txn_calling = NULL;
	vs_txn_held.abandoned = vs_txn_held.cloning = false;
	vs_stack_reset();
	vs_callers_reset();
	vs_sigsys_reset();
	vs_lesson_reset();
	vs_txn_in_new_process(false);
}

static void set_mask(int how, uint64_t mask, uint64_t *old)
{
	vs_sys(SYS_rt_sigprocmask, how, &mask, old, VS_KSIGSET_SIZE);
}

/* Takes a stack, and blocks signals, of which a handler may leave by longjmp()
 * while nothing has been taken yet. False if there is no stack for long. */
static bool wait_for_turn(void)
{
	do {
		vs_queue_wait();
		set_mask(SIG_BLOCK, vs_txn_real_mask(), &vs_txn_held.mask);
		if (vs_likely(vs_stack_claim(&vs_txn_held.stack))) {
			vs_queue_enter();
			return true;
		}
		set_mask(SIG_SETMASK, vs_txn_held.mask, NULL);
	} while (vs_stack_wait());
	return false;
}

/* All that the thread needs before dispatch can be on: VS_WHY_NONE, or why
 * not, with everything as before. */
static enum vs_why_native enter(struct vs_txn_call *call)
{
	enum vs_why_native why = VS_WHY_NONE;

	if (!vs_txn_make_page() || !wait_for_turn())
		return VS_WHY_NO_RESOURCE;
	if (vs_sys(SYS_sigaltstack, &vs_txn_held.stack,
		   &vs_txn_held.altstack)) {
		why = VS_WHY_ALT_STACK;
	} else if (!vs_sigsys_install(call->on_sigsys)) {
		why = VS_WHY_SIGSYS_IGNORED;
		vs_sys(SYS_sigaltstack, &vs_txn_held.altstack, NULL);
	}
	if (why) {
		vs_stack_release(&vs_txn_held.stack);
		vs_queue_leave();
		set_mask(SIG_SETMASK, vs_txn_held.mask, NULL);
		return why;
	}
	vs_txn_calling = call;
	/* Now, so that one that is pending comes to our handler. */
	if (vs_txn_held.mask & VS_SIGBIT(SIGSYS))
		set_mask(SIG_SETMASK, vs_txn_real_mask(), NULL);
	return VS_WHY_NONE;
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

/* What enter() has taken. */
static void give_back(void)
{
	bool abandoned = vs_txn_held.abandoned;

	if (!abandoned) {
		vs_dispatch_off();
		vs_sigsys_remove();
	}
	vs_txn_calling = NULL;
	vs_txn_held.abandoned = vs_txn_held.cloning = false;
	vs_sys(SYS_sigaltstack, &vs_txn_held.altstack, NULL);
	vs_stack_release(&vs_txn_held.stack);
	vs_queue_leave();
	if (!abandoned)
		set_mask(SIG_SETMASK, vs_txn_held.mask, NULL);
}

static void leave(struct vs_txn_call *call)
{
	if (vs_txn_held.abandoned)
		vs_gate_leave_native();
	give_back();
	if (call->early.si_signo)
		send_again(&call->early);
}

/* The frame may be gone, with a coroutine's stack. */
void vs_txn_recover(uintptr_t sp)
{
	if (vs_likely(!vs_txn_calling) ||
	    (vs_readable((uintptr_t)vs_txn_calling) && !vs_txn_left(sp)) ||
	    vs_on_signal_stack())
		return;
	vs_gate_recover(UINTPTR_MAX);
	give_back();
}

/* Dispatch is not inherited; all else is. The mask has been put back when the
 * clone returned. */
static void leave_in_native_child(const struct vs_txn_call *call)
{
	bool abandoned = vs_txn_held.abandoned;

	call->request->in_native_child();
	vs_sys(SYS_sigaltstack, &vs_txn_held.altstack, NULL);
	if (call->early.si_signo && !abandoned)
		send_again(&call->early);
}

/* A SIGSYS that somebody has sent and that is not handled yet makes the kernel
 * drop that of a trap, and what was to be made has its number for a result
 * (force_sig_info_to_task() in kernel/signal.c): of a clone, that of a child
 * which nobody has made. */
static bool is_lost(const struct vs_txn_call *call, pid_t pid)
{
	return vs_unlikely(pid > 0 && !call->tried && !vs_txn_held.abandoned);
}

/* False, with call->verdict->why, if it could not begin. */
static bool run(struct vs_txn_call *call, pid_t *pid)
{
	call->verdict->why = enter(call);
	if (call->verdict->why != VS_WHY_NONE)
		return false;
	VS_POINT(entered);
	if (vs_dispatch_on()) {
		leave(call);
		call->verdict->why = VS_WHY_REFUSED;
		return false;
	}
	VS_POINT(armed);
	*pid = call->request->real();
	if (vs_speculative)
		return true;
	VS_POINT(returned);
	if (is_lost(call, *pid)) {
		leave(call);
		call->verdict->why = VS_WHY_LOST;
		return false;
	}
	if (*pid == 0)
		leave_in_native_child(call);
	else
		leave(call);
	VS_POINT(left);
	return true;
}

/* What the children that this thread has waited for have used is the
 * transaction's, too. Not asked after a fork that was native from the start:
 * see lesson.c. */
static unsigned used_us(void)
{
	return (unsigned)(vs_clock_ns(CLOCK_THREAD_CPUTIME_ID) / 1000 +
			  vs_hidden_usage_us());
}

static void settle(struct vs_txn_call *call, unsigned began)
{
	struct vs_account *account = call->lesson.account;
	bool committed = call->verdict->engine == VS_TXN;
	unsigned native = call->lesson.us, used;

	if (!committed && call->verdict->undone == VS_UNDONE_NOT) {
		if (!call->lesson.began)
			vs_account_goes_on(account);
		return;
	}
	used = used_us() - began;
	if (committed)
		vs_account_committed(account, call->native,
				     used + call->worked);
	else
		vs_account_lost(account, vs_lesson_native_us(),
				used > native ? used - native : 0);
}

bool vs_txn_fork(const struct vs_txn_request *request,
		 struct vs_verdict *verdict, pid_t *pid)
{
	struct vs_txn_call call = {.self = &call,
				   .request = request,
				   .verdict = verdict,
				   .on_sigsys = vs_txn_on_sigsys};
	unsigned began;

	verdict->engine = VS_NATIVE;
	verdict->why = vs_choose(&call);
	if (verdict->why != VS_WHY_NONE)
		return false;
	if (vs_unlikely(vs_config.reports))
		verdict->native_us =
			call.native ? call.native : vs_lesson_native_us();
	began = used_us();
	VS_POINT(chosen);
	if (!run(&call, pid))
		return false;
	if (*pid > 0) {
		settle(&call, began);
		VS_POINT(settled);
	} else if (*pid == 0 && !vs_speculative && call.lesson.began)
		vs_lesson_in_child(&call.lesson);
	return true;
}
