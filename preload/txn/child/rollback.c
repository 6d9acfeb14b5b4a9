/* SPDX-License-Identifier: MIT
 *
 * Rollback, and the little that it has to undo. What the child does to its own
 * process ends with it; what others could see it is not let do, but for new
 * files (files.c).
 */
#include <errno.h>
#include <stdatomic.h>
#include <time.h>

#include "base/bytes.h"
#include "base/compiler.h"
#include "txn/child/internal.h"
#include "txn/record/virtual_mask.h"

struct vs_child vs_child VS_HOT;

/* Of those that a process has sent, si_pid says which. */
static bool sent_by(const siginfo_t *info, long pid)
{
	return (info->si_code == SI_USER || info->si_code == SI_TKILL ||
		info->si_code == SI_QUEUE) &&
	       info->si_pid == pid;
}

/* Those of alarm() and setitimer() are the kernel's (it_real_fn() in
 * kernel/time/itimer.c). */
static bool by_timer(const siginfo_t *info)
{
	switch (info->si_signo) {
	case SIGALRM:
	case SIGVTALRM:
	case SIGPROF:
		if (info->si_code == SI_KERNEL)
			return true;
	}
	return info->si_code == SI_TIMER;
}

/* The child has caused it itself, by a timer or by kill(): the child that takes
 * its place will do the same. Or it is by what its parent tells it to leave. */
static bool self_made(const siginfo_t *info)
{
	if (info->si_signo == SIGSYS && info->si_code == SI_USER &&
	    info->si_pid == vs_txn.parent)
		return true;
	return by_timer(info) || sent_by(info, vs_sys(SYS_getpid));
}

/* Signals that others have sent to this child are left for the one that takes
 * its place. */
static void leave_signals(struct vs_left_signals *left)
{
	uint64_t which = VS_ALL_SIGNALS;
	struct timespec now = {0};

	while (left->count < VS_MAX_SIGNALS &&
	       vs_sys(SYS_rt_sigtimedwait, &which, &left->info[left->count],
		      &now, VS_KSIGSET_SIZE) > 0) {
		if (!self_made(&left->info[left->count]))
			left->count++;
	}
}

/* For good: else the SIGSYS by which the parent says that the time is over
 * could begin a second rollback in the middle of this one, and a signal that
 * has been taken from the queue, but not been left on the page yet, would be
 * lost. */
static void block_all(void)
{
	uint64_t all = VS_ALL_SIGNALS;

	vs_sys(SYS_rt_sigprocmask, SIG_SETMASK, &all, NULL, VS_KSIGSET_SIZE);
}

/* Milliseconds: after the former it is looked whether there is a parent still,
 * and after the latter no child is coming. */
enum { LOOK = 20, GIVE_UP = 10000 };

/* Tells the parent, which makes the child that takes this one's place, and
 * waits until that is there: what others send to the group reaches that one,
 * too, from then on, and until then this one, which leaves it. */
static void wait_for_heir(void)
{
	const struct timespec look = {.tv_nsec = LOOK * 1000000L};
	unsigned idle = (unsigned)vs_sys(SYS_gettid) | FUTEX_WAITERS;
	struct vs_txn_page *page = vs_txn.page;
	int looks = 0;

	page->waits = true;
	atomic_compare_exchange_strong(&page->word, &idle,
				       idle | FUTEX_OWNER_DIED);
	vs_sys(SYS_futex, &page->word, FUTEX_WAKE, 1);
	while (!page->heir && looks < GIVE_UP / LOOK) {
		if (vs_sys(SYS_futex, &page->heir, FUTEX_WAIT, 0, &look) !=
		    -ETIMEDOUT)
			continue;
		looks++;
		if (vs_sys(SYS_getppid) != vs_txn.parent)
			break;
	}
}

_Noreturn void vs_child_rollback(enum vs_why_undone why, long detail)
{
	block_all();
	vs_deferred_restore();
	vs_undo_take_away();
	leave_signals(&vs_txn.page->left);
	vs_txn.page->undone = why;
	vs_txn.page->detail = detail;
	atomic_store(&vs_txn.page->phase, VS_TXN_ROLL);
	wait_for_heir();
	leave_signals(&vs_txn.page->left);
	vs_txn.page->left_all = true;
	for (;;)
		vs_sys(SYS_exit_group, 0);
}

_Noreturn void vs_child_pass_on(const siginfo_t *info)
{
	struct vs_left_signals *left = &vs_txn.page->left;

	block_all();
	if (!by_timer(info)) {
		vs_copy_up((char *)&left->info[left->count], (const char *)info,
			   sizeof(*info));
		left->count++;
	}
	vs_child_rollback(VS_UNDONE_SIGNAL, 0);
}

/* Not a trap: the parent sends SIGSYS to tell the child to leave; or, where it
 * may not, a timer of the child does (calls/ids.c). */
void vs_child_on_sigsys(const siginfo_t *info)
{
	if (vs_txn.page->phase == VS_TXN_ABORT || by_timer(info))
		vs_child_rollback(VS_UNDONE_TIMEOUT, 0);
	if (info->si_code <= 0)
		vs_child_pass_on(info);
	vs_child_rollback(VS_UNDONE_CRASH, SIGSYS);
}
