/* SPDX-License-Identifier: MIT
 *
 * The parent waits for its speculative child: until it has exec'd, is dead, or
 * has had its time. Asleep in vfork() it could not look at a clock. So it waits
 * for a word in the page that both share, which the kernel changes when the
 * child's memory is gone, by exec or by death; whether it is one or the other
 * wait() tells. The word is only the quick way: a child may be killed before it
 * has registered it, so every sleep has an end. Raw system calls only.
 */
#include <errno.h>
#include <limits.h>
#include <stdatomic.h>
#include <stddef.h>
#include <sys/wait.h>
#include <time.h>

#include "kernel/point.h"
#include "kernel/sys.h"
#include "kernel/task/hidden_usage.h"
#include "txn/awaited.h"
#include "txn/internal.h"
#include "txn/record/site.h"

/* Milliseconds. An exec that takes longer may wait for somebody (a file
 * system's server, fanotify), or for a processor: the call site remembers it.
 */
enum { SLOW_EXEC = 100 };

/* Who has been killed waits no more. */
static bool is_held(const struct vs_awaited *child)
{
	return vs_txn.page->phase == VS_TXN_ROLL && vs_txn.page->waits &&
	       !child->killed;
}

/* Whether its memory is gone; else sleeps for a while, and serves it. */
static bool over(const struct vs_awaited *child)
{
	const struct timespec while_ = {.tv_nsec =
						vs_watch_nap_us(child) * 1000L};
	uint64_t began = vs_now_ns();
	unsigned unknown = 0;

	VS_POINT(asleep);
	/* Whoever of the two is first writes it. */
	atomic_compare_exchange_strong(&vs_txn.page->word, &unknown,
				       child->alive);
	do {
		if (!is_held(child) && vs_txn.page->word == child->alive)
			vs_sys(SYS_futex, &vs_txn.page->word, FUTEX_WAIT,
			       child->alive, &while_, NULL, 0);
	} while (!is_held(child) && vs_serve(child->alive) &&
		 vs_ms_since(began) < VS_LOOK_MS);
	return !(vs_txn.page->word & FUTEX_TID_MASK);
}

/* Exec makes the child's exit signal SIGCHLD before it gives up the old memory
 * (de_thread() in fs/exec.c), and then __WCLONE does not find it: it has been
 * committed. One that is dying is found, but is no zombie at once. */
static bool ended(struct vs_awaited *child, bool *committed)
{
	bool gone = over(child);
	long r;

	VS_POINT(woken);
	*committed = false;
	child->held = !gone && is_held(child);
	if (child->held)
		return true;
	do
		r = vs_sys(SYS_wait4, child->pid, &child->status,
			   __WCLONE | (gone ? 0 : WNOHANG), &child->usage);
	while (r == -EINTR);
	/* Another thread, by __WALL, may have been told of its death instead.
	 */
	*committed = r == -ECHILD && vs_txn.page->phase == VS_TXN_EXEC;
	return r != 0;
}

/* Somebody else has killed it: by a signal that it could not block, or in
 * execve(), where none is blocked that the program has not. What is a fault of
 * ours, before it could handle one, is no signal of somebody's. */
static bool killed_by_others(const struct vs_awaited *child)
{
	if (!WIFSIGNALED(child->status))
		return false;
	if (WTERMSIG(child->status) == SIGKILL)
		return !child->killed;
	return vs_txn.page->phase == VS_TXN_EXEC;
}

static void leave_stop(const struct vs_awaited *child)
{
	struct vs_left_signals *left = &vs_txn.page->left;

	if (child->replaced && left->count < VS_MAX_SIGNALS)
		left->info[left->count++] =
			(siginfo_t){.si_signo = SIGSTOP, .si_code = SI_USER};
}

enum vs_txn_end vs_await(long pid, int *status)
{
	struct vs_awaited child = {.pid = pid,
				   .began = vs_now_ns(),
				   .alive = (unsigned)pid | FUTEX_WAITERS};
	bool committed;

	while (!ended(&child, &committed)) {
		vs_look_whether_stopped(&child);
		vs_look_at_clock(&child);
	}
	VS_POINT(committed);
	if (committed) {
		vs_site_slow_exec(vs_txn.site, vs_txn_calling->lesson.account,
				  vs_ms_since(child.began) >= SLOW_EXEC);
		return VS_TXN_COMMITTED;
	}
	if (child.held) {
		leave_stop(&child);
		return VS_TXN_HELD;
	}
	*status = child.status;
	if (killed_by_others(&child))
		return VS_TXN_KILLED;
	vs_hidden_usage_add(&child.usage);
	leave_stop(&child);
	return VS_TXN_UNDONE;
}
