/* SPDX-License-Identifier: MIT
 *
 * The clone as libc asked for it: where no transaction is possible, and after
 * one that was undone. Then the child takes the place of the other, which is
 * there until it is, and leaves to it what others have sent: a ^C reaches
 * whoever is in the group, at any moment, once. Runs in the handler of SIGSYS,
 * in the parent and in the child: raw system calls only.
 */
#include <errno.h>
#include <linux/futex.h>
#include <stdatomic.h>
#include <stddef.h>
#include <sys/wait.h>
#include <time.h>

#include "base/compiler.h"
#include "kernel/task/hidden_usage.h"
#include "kernel/sys.h"
#include "memory/gate.h"
#include "txn/able/able.h"
#include "txn/internal.h"

static long clone_by(const long args[6])
{
	return vs_sys(SYS_clone, args[0], args[1], args[2], args[3], args[4]);
}

/* A SIGSYS that the application blocks, and that our handler has caught for it
 * (`early`), is sent again at the end. A child has no signals pending from
 * before its clone, so it must not find that one; it may catch one of its own.
 * Only then is `early` written to: after a clone each write to memory copies a
 * page. */
long vs_clone_apart(struct vs_txn_call *call, const long args[6])
{
	siginfo_t early;
	long pid;

	if (vs_likely(!call->early.si_signo))
		return clone_by(args);
	early = call->early;
	call->early.si_signo = 0;
	pid = clone_by(args);
	if (pid && !call->early.si_signo)
		call->early = early;
	return pid;
}

/* No native fork of so much memory is wanted. */
static bool is_refused(struct vs_txn_call *call)
{
	if (vs_txn_anonymous_bytes() <= call->request->refuse_above)
		return false;
	call->verdict->why = VS_WHY_STRICT;
	return true;
}

long vs_txn_clone_as_asked(const long args[6])
{
	struct vs_txn_call *call = vs_txn_calling;
	long pid;

	if (is_refused(call))
		return -ENOMEM;
	vs_gate_enter_native();
	pid = vs_clone_apart(call, args);
	if (pid)
		vs_gate_leave_native();
	return pid;
}

/* ---- in the child ---- */

/* Milliseconds between looks, and after which the other has been stopped by
 * somebody, and its parent is dead. */
enum { LOOK = 20, GIVE_UP = 2000 };

/* Of page->heir, in this order. */
enum { IS_THERE = 1, FORMER_IS_GONE };

/* Both do: the slower of them perhaps when it is gone already. */
static void tell_it_to_end(void)
{
	unsigned not_yet = 0;

	atomic_compare_exchange_strong(&vs_txn.page->heir, &not_yet, IS_THERE);
	vs_sys(SYS_futex, &vs_txn.page->heir, FUTEX_WAKE, 1);
}

static void tell_that_it_is_gone(void)
{
	vs_txn.page->heir = FORMER_IS_GONE;
	vs_sys(SYS_futex, &vs_txn.page->heir, FUTEX_WAKE, 1);
}

/* Until the memory of the other is gone: the kernel tells, see state.h. */
static void wait_for_its_end(unsigned turn)
{
	const struct timespec look = {.tv_nsec = LOOK * 1000000L};
	struct vs_txn_page *page = vs_txn.page;
	unsigned word;

	for (int looks = 0; looks < GIVE_UP / LOOK; looks++) {
		word = page->word;
		if (!(word & FUTEX_TID_MASK) || page->turn != turn)
			return;
		vs_sys(SYS_futex, &page->word, FUTEX_WAIT, word, &look);
	}
}

/* With its memory it has not given up its files yet, nor its folder: one that
 * it had open for writing could not be executed (ETXTBSY), a file system that
 * it is in not be unmounted, and it counts against RLIMIT_NPROC until it is
 * reaped. */
static void wait_until_it_is_gone(unsigned turn)
{
	const struct timespec look = {.tv_nsec = LOOK * 1000000L};
	struct vs_txn_page *page = vs_txn.page;

	for (int looks = 0; looks < GIVE_UP / LOOK; looks++) {
		if (page->heir != IS_THERE || page->turn != turn ||
		    vs_sys(SYS_getppid) != vs_txn.parent)
			return;
		vs_sys(SYS_futex, &page->heir, FUTEX_WAIT, IS_THERE, &look);
	}
}

/* If it was killed before, this one has been. The parent may have gone on,
 * and made another child: then what is in the page is that one's. */
static void take_over(struct vs_left_signals *left, unsigned turn)
{
	static struct vs_left_signals all VS_BIG;
	const struct vs_txn_page *page = vs_txn.page;
	bool complete;

	tell_it_to_end();
	wait_for_its_end(turn);
	all = page->left;
	complete = page->left_all || page->word & FUTEX_TID_MASK;
	if (page->turn != turn)
		return;
	if (!complete)
		vs_sys(SYS_kill, vs_sys(SYS_getpid), SIGKILL);
	wait_until_it_is_gone(turn);
	vs_inherit_late(left, &all);
}

/* ---- in the parent ---- */

/* One that is stopped goes on, to its end; its heir is stopped instead. So it
 * is with one that is killed when it has left everything. */
static void reap(long undone, long heir)
{
	struct rusage usage;
	int status = 0;
	long r;

	tell_it_to_end();
	for (;;) {
		r = vs_sys(SYS_wait4, undone, &status, __WCLONE | WUNTRACED,
			   &usage);
		if (r == -EINTR)
			continue;
		if (r < 0 || !WIFSTOPPED(status))
			break;
		if (heir > 0)
			vs_sys(SYS_kill, heir, SIGSTOP);
		vs_sys(SYS_kill, undone, SIGCONT);
	}
	if (r >= 0) {
		vs_hidden_usage_add(&usage);
		if (WIFSIGNALED(status) && heir > 0)
			vs_sys(SYS_kill, heir, SIGKILL);
	}
	tell_that_it_is_gone();
}

/* The former child and its heir both count against RLIMIT_NPROC and pids.max.
 * If there is no room for two, the clone fails, the former is reaped, and it is
 * made again. */
long vs_clone_heir(struct vs_txn_call *call, const long args[6])
{
	struct vs_left_signals left = vs_txn.page->left;
	unsigned turn = vs_txn.page->turn;
	long pid, held = call->held;

	if (is_refused(call)) {
		if (held)
			reap(held, -1);
		vs_gate_leave_txn();
		return -ENOMEM;
	}
	vs_gate_txn_to_native();
	vs_lesson_begins(&call->lesson);
	pid = vs_clone_apart(call, args);
	if (pid == 0 && held)
		take_over(&left, turn);
	if (pid && held)
		reap(held, pid);
	if (pid < 0 && held) {
		left = vs_txn.page->left;
		pid = vs_clone_apart(call, args);
	}
	if (pid == 0) {
		vs_inherit(&left);
		return 0;
	}
	vs_lesson_ends(&call->lesson);
	vs_gate_leave_native();
	return pid;
}
