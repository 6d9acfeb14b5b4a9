/* SPDX-License-Identifier: MIT
 * See hidden_usage.h. Raw system calls only. */
#include "kernel/task/hidden_usage.h"

#include <time.h>

#include "base/compiler.h"
#include "kernel/lock.h"
#include "kernel/sigmask.h"
#include "kernel/own_memory.h"

enum { USER, SYSTEM, TIMES };
enum { SECOND = 1000000 };

static vs_lock lock VS_HOT;
static _Atomic bool any VS_HOT;
static int64_t microseconds[TIMES] VS_HOT;
static struct rusage counts;	     /* of the sums that are no times */
static VS_THREAD uint64_t of_thread; /* microseconds */

static int64_t in_us(const struct timeval *t)
{
	return (int64_t)t->tv_sec * SECOND + t->tv_usec;
}

static void take_off(struct timeval *t, int64_t us)
{
	int64_t left = in_us(t) - us;

	left = left > 0 ? left : 0;
	t->tv_sec = (time_t)(left / SECOND);
	t->tv_usec = (__typeof__(t->tv_usec))(left % SECOND);
}

static void add_counts(struct rusage *to, const struct rusage *from, long sign)
{
	to->ru_minflt += sign * from->ru_minflt;
	to->ru_majflt += sign * from->ru_majflt;
	to->ru_inblock += sign * from->ru_inblock;
	to->ru_oublock += sign * from->ru_oublock;
	to->ru_nvcsw += sign * from->ru_nvcsw;
	to->ru_nivcsw += sign * from->ru_nivcsw;
}

void vs_hidden_usage_add(const struct rusage *usage)
{
	int64_t user = in_us(&usage->ru_utime);
	int64_t system = in_us(&usage->ru_stime);
	vs_sigset old;

	if (vs_unlikely(!vs_memory_is_own()))
		return;
	vs_block_all(&old);
	of_thread += (uint64_t)(user + system);
	vs_lock_take(&lock);
	any = true; /* first: the child of a fork looks at nothing else */
	microseconds[USER] += user;
	microseconds[SYSTEM] += system;
	add_counts(&counts, usage, 1);
	vs_lock_drop(&lock);
	vs_unblock(&old);
}

bool vs_hidden_usage_take_off(struct rusage *children)
{
	vs_sigset old;

	if (vs_likely(!any) || !vs_memory_is_own())
		return false;
	vs_block_all(&old);
	vs_lock_take(&lock);
	take_off(&children->ru_utime, microseconds[USER]);
	take_off(&children->ru_stime, microseconds[SYSTEM]);
	add_counts(children, &counts, -1);
	vs_lock_drop(&lock);
	vs_unblock(&old);
	return true;
}

uint64_t vs_hidden_usage_us(void)
{
	return of_thread;
}

void vs_hidden_usage_reset(void)
{
	vs_lock_reset(&lock);
	if (!any)
		return;
	any = false;
	microseconds[USER] = microseconds[SYSTEM] = 0;
	counts = (struct rusage){0};
}
