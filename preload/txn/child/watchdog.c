/* SPDX-License-Identifier: MIT
 *
 * The time limits. The thread in the parent sleeps for as long as this child
 * does not exec; a child that waits for something, or works, shall not be
 * supervised. One timer raises SIGSYS, which interrupts most waits; a second,
 * SIGKILL, ends those that SIGSYS does not: a file system whose server is away,
 * or is the parent itself (FUSE, NFS). Timers do not survive exec, and the
 * kernel discards what one has sent; but not SIGKILL.
 */
#include <sys/resource.h>
#include <time.h>

#include "txn/child/internal.h"

/* The limit, or four times as much for one that has been kept waiting for a
 * processor: that it has used so little of one tells. */
enum { TIME_LIMIT_MS = 50, WORK_LIMIT_MS = 20, EXTENSIONS = 3 };

/* In exec there is a moment, some microseconds, in which the child has been
 * committed and has its timers still: nothing but a machine that stood still
 * may make it last so long. */
enum { KILL_LIMIT_MS = 500, EXEC_KILL_LIMIT_MS = 10000 };

static int kill_timer;

static void set_timer(int timer, long limit_ms)
{
	struct timespec limit = {.tv_sec = limit_ms / 1000,
				 .tv_nsec = limit_ms % 1000 * 1000000};
	struct itimerspec every = {.it_value = limit, .it_interval = limit};

	if (vs_sys(SYS_timer_settime, timer, 0, &every, NULL))
		vs_child_rollback(VS_UNDONE_SETUP, 0);
}

static int start_timer(int sig, long limit_ms)
{
	struct sigevent event = {.sigev_notify = SIGEV_SIGNAL,
				 .sigev_signo = sig};
	int timer = 0;

	if (vs_sys(SYS_timer_create, CLOCK_MONOTONIC, &event, &timer))
		vs_child_rollback(VS_UNDONE_SETUP, 0);
	set_timer(timer, limit_ms);
	return timer;
}

void vs_watchdog_start(void)
{
	start_timer(SIGSYS, TIME_LIMIT_MS);
	kill_timer = start_timer(SIGKILL, KILL_LIMIT_MS);
}

void vs_watchdog_exec_begins(void)
{
	set_timer(kill_timer, EXEC_KILL_LIMIT_MS);
}

void vs_watchdog_exec_failed(void)
{
	set_timer(kill_timer, KILL_LIMIT_MS);
}

static long worked_ms(void)
{
	struct rusage used;

	vs_sys(SYS_getrusage, RUSAGE_SELF, &used);
	return (used.ru_utime.tv_sec + used.ru_stime.tv_sec) * 1000 +
	       (used.ru_utime.tv_usec + used.ru_stime.tv_usec) / 1000;
}

void vs_child_on_sigsys(const siginfo_t *info)
{
	static int extended;

	if (info->si_code != SI_TIMER)
		vs_child_rollback(VS_UNDONE_CRASH, SIGSYS);
	if (vs_child.in_call || worked_ms() >= WORK_LIMIT_MS ||
	    extended++ == EXTENSIONS)
		vs_child_rollback(VS_UNDONE_TIMEOUT, 0);
}
