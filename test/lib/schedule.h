/* SPDX-License-Identifier: MIT
 * Real-time scheduling that cannot take the machine. */
#ifndef TEST_SCHEDULE_H
#define TEST_SCHEDULE_H

#include <sched.h>

#include "around.h"

/* The last of those that are allowed. */
static UNUSED void on_one_processor(void)
{
	cpu_set_t all, one;
	int cpu = CPU_SETSIZE - 1;

	ck_assert_int_eq(sched_getaffinity(0, sizeof(all), &all), 0);
	while (!CPU_ISSET(cpu, &all))
		cpu--;
	CPU_ZERO(&one);
	CPU_SET(cpu, &one);
	ck_assert_int_eq(sched_setaffinity(0, sizeof(one), &one), 0);
}

/* Natively such a process may take a whole processor: the kernel stops it. */
static UNUSED void limit_real_time(rlim_t ms)
{
	struct rlimit l = {.rlim_cur = ms * 1000, .rlim_max = ms * 1000};

	ck_assert_int_eq(setrlimit(RLIMIT_RTTIME, &l), 0);
}

static UNUSED void schedule(int policy, int priority)
{
	struct sched_param param = {.sched_priority = priority};

	if (sched_setscheduler(0, policy, &param))
		skip("no such scheduling");
	ck_assert_int_eq(sched_getscheduler(0), policy);
}

#endif
