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
#include "txn/internal.h"
#include "txn/record/site.h"

/* Milliseconds. A child that waits for something, or works, is not to be
 * supervised, because this thread sleeps meanwhile: it has so much time, or
 * four times as much if it has been kept waiting for a processor, which shows
 * in how little it has used of one. */
enum { TIME_LIMIT = 50, WORK_LIMIT = 20, PATIENCE = 4 };

/* To leave when it was told to; it may be in a call that no signal interrupts.
 */
enum { LEAVE_LIMIT = 50 };

/* Until it knows that it is supervised. It cannot be told anything before: that
 * would be a SIGSYS like any other. On a busy machine it may have to wait long
 * for its first turn. */
enum { START_LIMIT = 2000 };

/* In execve() it must be let alone. One that takes longer than the former may
 * wait for somebody (a file system's server, fanotify), or for a processor: the
 * call site remembers it. The latter is for one that never comes back: to kill
 * it there is a moment, some microseconds, in which it may be another program
 * already, so nothing but a machine that stood still may come near. */
enum { SLOW_EXEC = 100, EXEC_LIMIT = 10000 };

/* Between looks: whether it has been stopped, or has registered nothing. Who
 * stops it mostly lets it go on soon, by the id that it has; after the latter
 * time another takes its place, and is stopped. */
enum { LOOK = 10, STOP_LIMIT = 150 };

/* Microseconds between looks at what it has worked. */
enum { SHORT = 500 };

/* A child under way. */
struct awaited {
	long pid;
	uint64_t began;	  /* ns */
	uint64_t told;	  /* to leave, since; 0: not */
	uint64_t stopped; /* since; 0: it is not */
	unsigned alive;	  /* the word while it lives and asks for nothing */
	bool replaced;	  /* for having been stopped */
	bool killed;	  /* by us */
	bool held;	  /* undone, and waits to be told to end */
	int status;
	struct rusage usage;
};

static unsigned ms_since(uint64_t then)
{
	return (unsigned)((vs_now_ns() - then) / 1000000);
}

/* Processor time of a process, by its id: CPUCLOCK_SCHED in
 * linux/posix-timers.h. */
static unsigned worked_us(long pid)
{
	long clock = (long)(int)(~(unsigned)pid << 3 | 2);

	return (unsigned)(vs_clock_ns(clock) / 1000);
}

static void tell(struct awaited *child, int sig)
{
	/* It may have become another user's, who is not to be told. */
	if (!vs_sys(SYS_kill, child->pid, sig) && sig == SIGKILL)
		child->killed = true;
}

/* One that is stopped could not leave; the child that takes its place will be
 * stopped instead. If it is about to make an exec, or comes from one that has
 * failed, it cannot be told so, for its handlers may not be ours; but it cannot
 * become another program either before somebody lets it go on: not, that is, in
 * the microsecond between this look and our signal. */
static void look_whether_stopped(struct awaited *child)
{
	siginfo_t info = {0};
	int phase;

	if (vs_sys(SYS_waitid, P_PID, child->pid, &info,
		   WSTOPPED | WNOHANG | WNOWAIT | __WCLONE, NULL) ||
	    !info.si_pid) {
		child->stopped = 0;
		return;
	}
	if (!child->stopped)
		child->stopped = vs_now_ns();
	if (ms_since(child->stopped) < STOP_LIMIT && !child->told)
		return;
	if (!vs_txn_step(VS_TXN_RUN, VS_TXN_ABORT) && !child->told) {
		phase = vs_txn.page->phase;
		if (phase == VS_TXN_EXEC) {
			child->replaced = true;
			tell(child, SIGKILL);
		}
		if (phase != VS_TXN_ROLL)
			return;
	}
	child->replaced = true;
	child->told = child->told ? child->told : vs_now_ns();
	tell(child, vs_txn.page->ready ? SIGSYS : SIGKILL);
	tell(child, SIGCONT);
}

static bool out_of_time(const struct awaited *child)
{
	unsigned ms = ms_since(child->began);

	if (!vs_txn.page->ready)
		return ms >= START_LIMIT;
	if (vs_txn.audited)
		return ms >= EXEC_LIMIT;
	if (ms < TIME_LIMIT)
		return vs_txn.patience &&
		       worked_us(child->pid) >= vs_txn.patience;
	return vs_txn.page->in_call ||
	       worked_us(child->pid) >= WORK_LIMIT * 1000 ||
	       ms >= PATIENCE * TIME_LIMIT;
}

/* The child has not ended, and its time may be over. */
static void look_at_clock(struct awaited *child)
{
	if (vs_txn.page->phase == VS_TXN_EXEC) {
		if (ms_since(child->began) > EXEC_LIMIT)
			tell(child, SIGKILL);
	} else if (child->told) {
		if (ms_since(child->told) >= LEAVE_LIMIT)
			tell(child, SIGKILL);
	} else if (!child->stopped && out_of_time(child) &&
		   vs_txn_step(VS_TXN_RUN, VS_TXN_ABORT)) {
		child->told = vs_now_ns();
		tell(child, vs_txn.page->ready ? SIGSYS : SIGKILL);
	}
}

/* Until it may have worked for as long as it may. */
static unsigned nap_us(const struct awaited *child)
{
	unsigned worked, us = LOOK * 1000, most = vs_txn.patience;

	if (most && vs_txn.page->phase == VS_TXN_RUN) {
		worked = ms_since(child->began) ? worked_us(child->pid) : 0;
		us = worked + SHORT < most ? most - worked : SHORT;
	}
	return us < LOOK * 1000 ? us : LOOK * 1000;
}

/* Who has been killed waits no more. */
static bool is_held(const struct awaited *child)
{
	return vs_txn.page->phase == VS_TXN_ROLL && vs_txn.page->waits &&
	       !child->killed;
}

/* Whether its memory is gone; else sleeps for a while, and serves it. */
static bool over(const struct awaited *child)
{
	const struct timespec while_ = {.tv_nsec = nap_us(child) * 1000L};
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
		 ms_since(began) < LOOK);
	return !(vs_txn.page->word & FUTEX_TID_MASK);
}

/* Exec makes the child's exit signal SIGCHLD before it gives up the old memory
 * (de_thread() in fs/exec.c), and then __WCLONE does not find it: it has been
 * committed. One that is dying is found, but is no zombie at once. */
static bool ended(struct awaited *child, bool *committed)
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
static bool killed_by_others(const struct awaited *child)
{
	if (!WIFSIGNALED(child->status))
		return false;
	if (WTERMSIG(child->status) == SIGKILL)
		return !child->killed;
	return vs_txn.page->phase == VS_TXN_EXEC;
}

static void leave_stop(const struct awaited *child)
{
	struct vs_left_signals *left = &vs_txn.page->left;

	if (child->replaced && left->count < VS_MAX_SIGNALS)
		left->info[left->count++] =
			(siginfo_t){.si_signo = SIGSTOP, .si_code = SI_USER};
}

enum vs_txn_end vs_await(long pid, int *status)
{
	struct awaited child = {.pid = pid,
				.began = vs_now_ns(),
				.alive = (unsigned)pid | FUTEX_WAITERS};
	bool committed;

	while (!ended(&child, &committed)) {
		look_whether_stopped(&child);
		look_at_clock(&child);
	}
	VS_POINT(committed);
	if (committed) {
		vs_site_slow_exec(vs_txn.site,
				  ms_since(child.began) >= SLOW_EXEC);
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
