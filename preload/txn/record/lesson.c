/* SPDX-License-Identifier: MIT
 *
 * See lesson.h. The price of a native fork is more than what fork() takes. The
 * child gives up as many page tables as were made, which takes as long again
 * (exit_mmap() in mm/mmap.c), and the parent takes a fault for each page that
 * it writes to next, of which some 0.7 us are lost (1 GB, Linux 6.18: fork 17.8
 * ms, exit 15 to 20).
 */
#include "txn/record/lesson.h"

#include <stdatomic.h>
#include <stddef.h>
#include <sys/resource.h>

#include "base/compiler.h"
#include "base/range.h"
#include "kernel/sys.h"
#include "libc/facts.h"

/* What a native fork is taken to cost before any has been seen: nanoseconds for
 * each resident MB. 14 to 35 us were measured. */
enum { GUESS = 14000 };

/* Pages of 4 KiB are resident because each has been asked for, by a fault. With
 * far fewer faults than that there are huge pages, for which a fork takes
 * hardly any time, or they are another process's, inherited. */
enum { FEW = 4 };

/* With so few faults the price is not guessed: so many native forks have to be
 * seen first, because the first one may be slow. */
enum { SURE = 3 };

/* Nanoseconds of a fault that copies a page. */
enum { FAULT_NS = 700 };

/* A child that execs within this, in nanoseconds, could have been waited for:
 * TIME_LIMIT and PATIENCE in watch.c. */
enum { SOON = 200000000 };

/* Now and then a fork is made natively only to see what it costs by now. If it
 * costs n times what a transaction does, that is after n times so many of them,
 * so that it is 2 % of all; after fewer where the two are close. */
enum { LOOK_AGAIN = 64, CLOSER = 16 };

/* Microseconds of a native fork below which the decision is close. It needs
 * many samples then, and to take some costs little. */
enum { CLOSE = 600 };

/* ns of a fork for each resident MB; us of faults after it */
static struct vs_price per_mb VS_HOT, again VS_HOT;
static _Atomic unsigned since VS_HOT;
static _Atomic unsigned megabytes VS_HOT;
/* Before the last native fork; 0: counted. */
static _Atomic long faults VS_HOT;

/* Minor faults: `seen` of this process and of those that it is a copy of, whose
 * faults have made its pages, too; `inherited` of the latter alone. */
static _Atomic long inherited VS_HOT, seen VS_HOT;

/* The most that was ever resident, in KiB: now, and when it was last asked. */
static _Atomic long high VS_HOT, high_then VS_HOT;

static long faults_now(void)
{
	struct rusage usage;

	if (!vs_sys(SYS_getrusage, RUSAGE_SELF, &usage)) {
		seen = usage.ru_minflt + inherited;
		high = usage.ru_maxrss;
	}
	return seen;
}

static bool ask_lap(struct vs_lap *lap)
{
	struct rusage usage;

	if (vs_sys(SYS_getrusage, RUSAGE_THREAD, &usage))
		return false;
	lap->us = (uint64_t)(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) *
			  1000000 +
		  (uint64_t)(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec);
	lap->switches = usage.ru_nvcsw + usage.ru_nivcsw;
	return true;
}

/* ---- what it costs ---- */

/* Faults since the last native fork, as far as they can be its doing: it has
 * made no more pages read-only than there were. Some would have come anyway,
 * for new memory, which is why the lowest of several samples counts. */
static void count_faults(long now)
{
	long then = atomic_exchange(&faults, 0), most = megabytes * 256L, n;

	if (!then || now < then)
		return;
	n = now - then < most ? now - then : most;
	vs_price_add(&again, (unsigned)((uint64_t)n * FAULT_NS / 1000));
}

/* Rounded up, because 0 megabytes say that nothing is known. */
void vs_lesson_saw(uint64_t bytes)
{
	enum { SMALL_MB = 32 }; /* begin.c asks of no other */

	megabytes = (unsigned)(bytes >> 20) + 1;
	if (megabytes > SMALL_MB)
		return;
	faults_now();
	high_then = high;
}

bool vs_lesson_has_grown(void)
{
	enum { MUCH = 4 << 10 };

	faults_now();
	return high - high_then >= MUCH;
}

uint64_t vs_lesson_bytes(void)
{
	return (uint64_t)megabytes << 20;
}

unsigned vs_lesson_native_us(void)
{
	unsigned mb = megabytes, ns = vs_price_low(&per_mb);
	long now = faults_now();

	count_faults(now);
	if (per_mb.count < SURE &&
	    (uint64_t)now * FEW * VS_PAGE < (uint64_t)mb << 20)
		return 0;
	ns = ns ? ns : GUESS;
	return (unsigned)((uint64_t)mb * ns / 1000) + vs_price_low(&again);
}

bool vs_lesson_is_old(unsigned took, unsigned native)
{
	unsigned count = per_mb.count;

	if (native < CLOSE && count && count < VS_SAMPLES)
		return true;
	if (++since / (native < CLOSE ? CLOSER : LOOK_AGAIN) * (uint64_t)took <
	    native)
		return false;
	since = 0;
	return true;
}

/* Nanoseconds since the lesson began that the thread has not waited for a
 * processor: as far as is known, and without the kernel accounting for it. To
 * read the thread's clock, or the process's, would be to have the kernel find
 * that its slice is used up, by the clone: then the child goes first, if it is
 * to run on the same processor, for a tick and more (update_curr() in
 * kernel/sched/fair.c; 400 MB, Linux 6.18: 4.0 ms instead of 3.3). So the time
 * of day counts if nobody else had the processor meanwhile; else what the
 * thread has used, which is known as of the last tick or switch. Half a tick is
 * added to that: of several samples the lower ones count. */
static uint64_t worked(const struct vs_lesson *lesson)
{
	enum { AGO_US = 2000 }; /* 250 ticks a second */
	uint64_t ns = vs_time_ns(CLOCK_MONOTONIC) - lesson->began;
	struct vs_lap lap;
	uint64_t used;

	if (!ask_lap(&lap) || lap.switches == lesson->lap.switches)
		return ns;
	used = (lap.us - lesson->lap.us + AGO_US) * 1000;
	return used < ns ? used : ns;
}

void vs_lesson_begins(struct vs_lesson *lesson)
{
	if (!lesson->account)
		return;
	lesson->ticket = vs_account_goes_on(lesson->account);
	lesson->account->natively++;
	lesson->faults = faults_now();
	ask_lap(&lesson->lap);
	lesson->began = vs_time_ns(CLOCK_MONOTONIC);
}

void vs_lesson_ends(struct vs_lesson *lesson)
{
	unsigned mb = megabytes;
	uint64_t ns;

	if (!lesson->account)
		return;
	lesson->account->natively--;
	ns = worked(lesson);
	lesson->us = (unsigned)(ns / 1000);
	if (!mb)
		return;
	vs_price_add(&per_mb, (unsigned)(2 * ns / mb));
	since = 0;
	faults = lesson->faults;
}

/* ---- whether the child execs ---- */

static struct vs_lesson own VS_HOT;

void vs_lesson_in_child(const struct vs_lesson *lesson)
{
	own = *lesson;
	own.began = lesson->account ? vs_time_ns(CLOCK_MONOTONIC) : 0;
}

void vs_lesson_reset(void)
{
	inherited = seen;
	faults = 0;
	own.account = NULL;
}

void vs_lesson_exec(void)
{
	struct vs_account *account = own.account;
	uint64_t ns;

	if (vs_likely(!account))
		return;
	own.account = NULL;
	ns = vs_time_ns(CLOCK_MONOTONIC) - own.began;
	if (ns < SOON)
		vs_account_execs(account, own.ticket, (unsigned)(ns / 1000),
				 own.before);
}
