/* SPDX-License-Identifier: MIT
 *
 * How long a speculative child may take, and what is done with one that takes
 * longer, or has been stopped. Raw system calls only.
 */
#include <stddef.h>
#include <sys/wait.h>

#include "kernel/ksignal.h"
#include "txn/able/listener.h"
#include "txn/awaited.h"
#include "txn/internal.h"

/* Milliseconds. A child that waits for something, or works, is not to be
 * supervised, because this thread sleeps meanwhile: it has so much time, or
 * four times as much if it has been kept waiting for a processor, which shows
 * in how little it has used of one. */
enum { TIME_LIMIT = 50, WORK_LIMIT = 20, PATIENCE = 4 };

/* To leave when it was told to: it may be in a call that no signal interrupts.
 * Or it waits for a processor, which is a matter of time; and one that has made
 * new files is to take them away.
 */
enum { LEAVE_LIMIT = 50, LEAVE_LATE = 500 };

/* Until it knows that it is supervised. It cannot be told anything before: that
 * would be a SIGSYS like any other. On a busy machine it may have to wait long
 * for its first turn. */
enum { START_LIMIT = 2000 };

/* In execve() it must be let alone, but for one that never comes back: to kill
 * it there is a moment, some microseconds, in which it may be another program
 * already, so nothing but a machine that stood still may come near. */
enum { EXEC_LIMIT = 10000 };

/* Unless it is clear that it waits for this process. That is looked for after
 * so many milliseconds, then after twice as many, and so on. */
enum { ANSWER_LIMIT = 200 };

/* Who stops it mostly lets it go on soon, by the id that it has; after this
 * time another takes its place, and is stopped. */
enum { STOP_LIMIT = 150 };

/* Microseconds between looks at what it has worked. */
enum { SHORT = 500 };

/* Processor time of a process, by its id: CPUCLOCK_SCHED in
 * linux/posix-timers.h. */
static unsigned worked_us(long pid)
{
	long clock = (long)(int)(~(unsigned)pid << 3 | 2);

	return (unsigned)(vs_clock_ns(clock) / 1000);
}

static void tell(struct vs_awaited *child, int sig)
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
void vs_look_whether_stopped(struct vs_awaited *child)
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
	if (vs_ms_since(child->stopped) < STOP_LIMIT && !child->told)
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

static bool out_of_time(const struct vs_awaited *child)
{
	unsigned ms = vs_ms_since(child->began);

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

static unsigned leave_limit(void)
{
	bool late = !vs_txn.page->in_call || vs_txn.page->made_files;

	return late ? LEAVE_LATE : LEAVE_LIMIT;
}

static bool waits_for_us(struct vs_awaited *child)
{
	unsigned ms = vs_ms_since(child->began);

	if (ms < ANSWER_LIMIT || ms < 2 * child->waited)
		return false;
	child->waited = ms;
	return vs_txn_is_asked_by(child->pid);
}

/* The child has not ended, and its time may be over. */
void vs_look_at_clock(struct vs_awaited *child)
{
	if (vs_txn.page->phase == VS_TXN_EXEC) {
		if (vs_ms_since(child->began) > EXEC_LIMIT ||
		    waits_for_us(child))
			tell(child, SIGKILL);
	} else if (child->told) {
		if (vs_ms_since(child->told) >= leave_limit())
			tell(child, SIGKILL);
	} else if (!child->stopped && out_of_time(child) &&
		   vs_txn_step(VS_TXN_RUN, VS_TXN_ABORT)) {
		child->told = vs_now_ns();
		tell(child, vs_txn.page->ready ? SIGSYS : SIGKILL);
	}
}

/* Until it may have worked for as long as it may. */
unsigned vs_watch_nap_us(const struct vs_awaited *child)
{
	unsigned worked, us = VS_LOOK_MS * 1000, most = vs_txn.patience;

	if (most && vs_txn.page->phase == VS_TXN_RUN) {
		worked = vs_ms_since(child->began) ? worked_us(child->pid) : 0;
		us = worked + SHORT < most ? most - worked : SHORT;
	}
	return us < VS_LOOK_MS * 1000 ? us : VS_LOOK_MS * 1000;
}
