/* SPDX-License-Identifier: MIT
 *
 * Processes that get little of a processor, or all of one: niceness, idle and
 * real-time scheduling, parent and child on the same processor.
 */
#include <sched.h>
#include <sys/syscall.h>

#include "schedule.h"

#ifndef SCHED_RESET_ON_FORK
#	define SCHED_RESET_ON_FORK 0x40000000
#endif

static void nothing(void)
{
}

static const struct {
	int policy, priority;
} policies[] = {
	{SCHED_BATCH, 0},
	{SCHED_IDLE, 0},
	{SCHED_FIFO, 1},
	{SCHED_FIFO, 99},
	{SCHED_RR, 50},
	{SCHED_FIFO | SCHED_RESET_ON_FORK, 50},
	{SCHED_RR | SCHED_RESET_ON_FORK, 1},
};
static int policy;

static void scheduled(void)
{
	on_one_processor();
	limit_real_time(20000);
	schedule(policies[policy].policy, policies[policy].priority);
	all_ways();
	same_state(nothing);
	ck_assert_int_eq(sched_getscheduler(0), policies[policy].policy);
}

START_TEST(each_policy)
{
	policy = _i;
	commits(scheduled);
}
END_TEST

static void nice_of_all(void)
{
	on_one_processor();
	for (int nice = 1; nice < 20; nice += 6) {
		ck_assert_int_eq(setpriority(PRIO_PROCESS, 0, nice), 0);
		all_ways();
		same_state(nothing);
		ck_assert_int_eq(getpriority(PRIO_PROCESS, 0), nice);
	}
}

START_TEST(niceness)
{
	commits(nice_of_all);
}
END_TEST

/* The child makes itself what its parent is not. */
static void become_fifo(void)
{
	struct sched_param param = {.sched_priority = 3};

	on_one_processor();
	if (sched_setscheduler(0, SCHED_FIFO, &param))
		_exit(50);
}

static void become_idle(void)
{
	struct sched_param param = {0};

	if (sched_setscheduler(0, SCHED_IDLE, &param) ||
	    setpriority(PRIO_PROCESS, 0, 19))
		_exit(50);
}

static void changes_in_child(void)
{
	struct sched_param param = {.sched_priority = 1};

	if (sched_setscheduler(0, SCHED_FIFO, &param))
		skip("no real-time scheduling");
	limit_real_time(20000);
	schedule(SCHED_OTHER, 0);
	same_state(become_fifo);
	same_state(become_idle);
	ck_assert_int_eq(sched_getscheduler(0), SCHED_OTHER);
}

START_TEST(child_changes)
{
	commits(changes_in_child);
}
END_TEST

/* A SCHED_DEADLINE thread may not fork, and says so. */
static void with_deadline(void)
{
	struct {
		uint32_t size, policy;
		uint64_t flags;
		int32_t nice;
		uint32_t priority;
		uint64_t runtime, deadline, period;
	} attr = {.size = sizeof(attr),
		  .policy = 6,
		  .runtime = 10000000,
		  .deadline = 100000000,
		  .period = 100000000};

	all_ways();
	if (syscall(SYS_sched_setattr, 0, &attr, 0))
		skip("no deadline scheduling");
	for (int i = 0; i < LENGTH(ways); i++) {
		ck_assert_int_eq(ways[i](), -1);
		ck_assert_int_eq(errno, EAGAIN);
	}
	attr.flags = 1; /* SCHED_FLAG_RESET_ON_FORK */
	ck_assert_int_eq(syscall(SYS_sched_setattr, 0, &attr, 0), 0);
	all_ways();
}

START_TEST(deadline)
{
	commits(with_deadline);
}
END_TEST

int main(int argc UNUSED, char **argv)
{
	TCase *tcase = tcase_create("schedule");

	tcase_add_loop_test(tcase, each_policy, 0, LENGTH(policies));
	tcase_add_test(tcase, niceness);
	tcase_add_test(tcase, child_changes);
	tcase_add_test(tcase, deadline);
	return run_scenes("around: schedule", tcase, argv);
}
