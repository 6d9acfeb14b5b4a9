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
 * child (child/signals.c), and the mask is virtual. Everything from the trap on
 * runs on a stack of our own: the application's may be a small coroutine's.
 */
#include <stddef.h>

#include "base/child_kind.h"
#include "base/config.h"
#include "kernel/dispatch.h"
#include "kernel/hidden_usage.h"
#include "kernel/sys.h"
#include "libc/facts.h"
#include "memory/gate.h"
#include "txn/internal.h"
#include "txn/record/site.h"

void vs_txn_in_native_child(void)
{
	vs_txn_forget();
	vs_txn_calling = NULL;
	vs_stack_reset();
	vs_sigsys_reset();
	vs_lesson_reset();
	vs_txn_in_new_process();
}

/* ---- whether it pays ---- */

/* Below this many bytes a native fork is as cheap, whatever the child does. */
static const uint64_t WORTHWHILE = 16 << 20;

/* How long its child may work, in microseconds: as long as a native fork would
 * have taken, for then nothing is gained any more, or some times what others
 * here have. The first few bring in page by page what the next are given. */
enum { SHORTEST = 1000, LEARNING = 5000, LONGEST = 50000, LONGER = 4 };

static unsigned patience(unsigned native, unsigned takes)
{
	unsigned least = takes ? SHORTEST : LEARNING;
	unsigned us =
		takes && takes < native / LONGER ? takes * LONGER : native;

	if (us < least)
		return least;
	return us < LONGEST ? us : LONGEST;
}

static enum vs_why_native in_words(enum vs_advice advice)
{
	switch (advice) {
	case VS_TRY:
		break;
	case VS_TOO_DEAR:
		return VS_WHY_SLOW;
	case VS_NO_EXEC:
		return VS_WHY_LEARNED;
	}
	return VS_WHY_NONE;
}

/* Whether a process that was small is so still. What was found out about it a
 * moment ago may be too old. */
static bool still_small(void)
{
	static _Atomic unsigned small;
	enum { SAME = 8 };

	if (vs_lesson_has_grown()) {
		vs_txn_ask_again();
		return false;
	}
	return ++small % SAME;
}

/* What nobody has to be asked for: with threads, to look into /proc takes a
 * task of its own, which is as dear as a small native fork. */
static enum vs_why_native as_before(struct vs_txn_call *call)
{
	if (vs_single_threaded() || !vs_lesson_bytes())
		return VS_WHY_NONE;
	if (vs_lesson_bytes() < WORTHWHILE)
		return still_small() ? VS_WHY_SMALL : VS_WHY_NONE;
	call->site = vs_site_of(call->request->caller);
	return in_words(vs_account_repeat(vs_site_account(call->site)));
}

static enum vs_why_native by_price(struct vs_txn_call *call)
{
	struct vs_account *account = vs_site_account(call->site);
	enum vs_advice advice;
	unsigned takes;

	call->request->lesson->account = account;
	call->native = vs_lesson_native_us();
	if (!call->native)
		return VS_WHY_PRICE;
	advice = vs_account_ask(account, call->native);
	if (account->fooled)
		call->verdict->because = (enum vs_why_undone)account->because;
	if (advice != VS_TRY)
		return in_words(advice);
	takes = vs_account_takes(account);
	if (vs_lesson_is_old(takes, call->native))
		return VS_WHY_PRICE;
	call->patience = patience(call->native, takes);
	return VS_WHY_NONE;
}

/* With the call site's record, if it may be. */
static enum vs_why_native choose(struct vs_txn_call *call)
{
	bool forced = vs_config.fork_mode == VS_FORK_TXN;
	enum vs_why_native why;

	why = vs_txn_barred();
	if (why == VS_WHY_NONE && !forced)
		why = as_before(call);
	if (why == VS_WHY_NONE)
		why = vs_txn_look();
	if (why != VS_WHY_NONE)
		return why;
	vs_lesson_saw(vs_txn_anonymous_bytes());
	if (!forced && vs_lesson_bytes() < WORTHWHILE)
		return VS_WHY_SMALL;
	/* Now, rather than at some later call: the map is to stay as it is. */
	vs_txn_make_page();
	call->site = vs_site_of(call->request->caller);
	if (!forced)
		why = by_price(call);
	return why == VS_WHY_NONE ? vs_txn_possible() : why;
}

/* ---- one call ---- */

static void set_mask(int how, uint64_t mask, uint64_t *old)
{
	vs_sys(SYS_rt_sigprocmask, how, &mask, old, VS_KSIGSET_SIZE);
}

/* All that the thread needs before dispatch can be on: VS_WHY_NONE, or why
 * not, with everything as before. */
static enum vs_why_native enter(struct vs_txn_call *call, stack_t *stack)
{
	enum vs_why_native why = VS_WHY_NONE;

	if (!vs_txn_make_page() || !vs_stack_claim(stack))
		return VS_WHY_NO_RESOURCE;
	set_mask(SIG_BLOCK, vs_txn_real_mask(), &call->mask);
	if (vs_sys(SYS_sigaltstack, stack, &call->altstack)) {
		why = VS_WHY_ALT_STACK;
	} else if (!vs_sigsys_install(call->on_sigsys)) {
		why = VS_WHY_SIGSYS_IGNORED;
		vs_sys(SYS_sigaltstack, &call->altstack, NULL);
	}
	if (why) {
		set_mask(SIG_SETMASK, call->mask, NULL);
		vs_stack_release(stack);
		return why;
	}
	vs_txn_calling = call;
	/* Now, so that one that is pending comes to our handler. */
	if (call->mask & VS_SIGBIT(SIGSYS))
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

static void leave(struct vs_txn_call *call, const stack_t *stack)
{
	if (call->abandoned)
		vs_gate_leave_native();
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
static void leave_in_native_child(const struct vs_txn_call *call)
{
	call->request->in_native_child();
	vs_sys(SYS_sigaltstack, &call->altstack, NULL);
	if (call->early.si_signo && !call->abandoned)
		send_again(&call->early);
}

/* False, with call->verdict->why, if it could not begin. */
static bool run(struct vs_txn_call *call, pid_t *pid)
{
	stack_t stack;

	call->verdict->why = enter(call, &stack);
	if (call->verdict->why != VS_WHY_NONE)
		return false;
	if (vs_dispatch_on()) {
		leave(call, &stack);
		call->verdict->why = VS_WHY_REFUSED;
		return false;
	}
	*pid = call->request->real();
	if (vs_speculative)
		return true;
	if (*pid == 0)
		leave_in_native_child(call);
	else
		leave(call, &stack);
	return true;
}

/* What the children that were waited for have used is the transaction's, too;
 * that of other threads' is rarely in it, and not twice. */
static unsigned used_us(void)
{
	return (unsigned)(vs_clock_ns(CLOCK_THREAD_CPUTIME_ID) / 1000 +
			  vs_hidden_usage_us());
}

static void settle(struct vs_txn_call *call, unsigned used)
{
	struct vs_account *account = vs_site_account(call->site);
	unsigned native = call->lesson.us;

	if (call->verdict->engine == VS_TXN)
		vs_account_committed(account, call->native,
				     used + call->worked);
	else if (call->verdict->undone != VS_UNDONE_NOT)
		vs_account_lost(account, vs_lesson_native_us(),
				used > native ? used - native : 0);
	else if (!call->lesson.began)
		vs_account_goes_on(account);
}

bool vs_txn_fork(const struct vs_txn_request *request,
		 struct vs_verdict *verdict, pid_t *pid)
{
	struct vs_txn_call call = {.request = request,
				   .verdict = verdict,
				   .on_sigsys = vs_txn_on_sigsys};
	unsigned began;

	verdict->engine = VS_NATIVE;
	verdict->why = choose(&call);
	if (verdict->why != VS_WHY_NONE)
		return false;
	call.lesson.account = vs_site_account(call.site);
	began = used_us();
	if (!run(&call, pid))
		return false;
	if (*pid > 0)
		settle(&call, used_us() - began);
	else if (*pid == 0 && !vs_speculative && call.lesson.began)
		vs_lesson_in_child(&call.lesson);
	return true;
}
