/* SPDX-License-Identifier: MIT
 *
 * Real-time threads that share a processor: none waits for ever for another.
 */
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>

#include "schedule.h"

/* Another thread takes all of the processor that the kernel gives it until
 * this one, of lower priority and on the same one, has had its children. */
static atomic_bool done, spins;

static void *spin(void *argument)
{
	spins = true;
	while (!done)
		;
	return argument;
}

static void start_spinner(pthread_t *id)
{
	struct sched_param param = {.sched_priority = 50};
	pthread_attr_t attr;

	pthread_attr_init(&attr);
	pthread_attr_setinheritsched(&attr, PTHREAD_EXPLICIT_SCHED);
	pthread_attr_setschedpolicy(&attr, SCHED_FIFO);
	pthread_attr_setschedparam(&attr, &param);
	if (pthread_create(id, &attr, spin, NULL))
		skip("no real-time scheduling");
	while (!spins)
		sched_yield();
}

static bool throttled(void)
{
	char *text = slurp("/proc/sys/kernel/sched_rt_runtime_us");
	bool limited = *text && *text != '-';

	free(text);
	return limited;
}

static void beside_spinner(void)
{
	pthread_t id;

	/* Else this thread would never run again, with and without us. */
	if (!throttled())
		skip("real-time threads have no limit");
	on_one_processor();
	limit_real_time(40000);
	start_spinner(&id);
	for (int i = 0; i < LENGTH(ways); i++)
		exits_with(ways[i](), 4);
	done = true;
	pthread_join(id, NULL);
}

START_TEST(spinning)
{
	works(beside_spinner);
}
END_TEST

/* Forkers of different priorities on one processor wait for each other: no
 * lock of ours may be one that spins, until the kernel steps in. */
static void *forks_often(void *priority)
{
	struct sched_param param = {.sched_priority = *(int *)priority};

	if (sched_setscheduler(
		    0, param.sched_priority ? SCHED_FIFO : SCHED_OTHER, &param))
		return priority;
	for (int n = 0; n < 20; n++) {
		exits_with(ways[n % LENGTH(ways)](), 4);
		/* The others get so far that this one comes in between. */
		usleep((useconds_t)(n * 771 % 2000));
	}
	return NULL;
}

static void of_all_priorities(void)
{
	int priorities[] = {0, 0, 1, 50, 99};
	pthread_t ids[LENGTH(priorities)];
	void *failed = NULL, *result;

	on_one_processor();
	limit_real_time(500);
	for (int i = 0; i < LENGTH(priorities); i++)
		ck_assert_int_eq(pthread_create(&ids[i], NULL, forks_often,
						&priorities[i]),
				 0);
	for (int i = 0; i < LENGTH(priorities); i++) {
		pthread_join(ids[i], &result);
		failed = result ? result : failed;
	}
	if (failed)
		skip("no real-time scheduling");
}

START_TEST(inversion)
{
	commits(of_all_priorities);
}
END_TEST

/* Two of the same priority: neither may keep the other from its turn. */
static void *forks_on(void *argument)
{
	while (!done)
		exits_with(by_fork(), 4);
	return argument;
}

static void in_turn(void)
{
	char *area = mmap(NULL, HEAP, PROT_READ | PROT_WRITE,
			  MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	pthread_t id;

	on_one_processor();
	limit_real_time(20000);
	schedule(SCHED_FIFO, 10);
	ck_assert_int_eq(pthread_create(&id, NULL, forks_on, NULL), 0);
	for (int n = 0; n < 20; n++) {
		usleep(2000);
		ck_assert_int_eq(madvise(area, HEAP, MADV_DONTFORK), 0);
		ck_assert_int_eq(madvise(area, HEAP, MADV_DOFORK), 0);
		exits_with(by_fork_alone(), 4);
	}
	done = true;
	pthread_join(id, NULL);
}

START_TEST(turns)
{
	commits(in_turn);
}
END_TEST

int main(int argc UNUSED, char **argv)
{
	TCase *tcase = tcase_create("turns");

	tcase_add_test(tcase, spinning);
	tcase_add_test(tcase, inversion);
	tcase_add_test(tcase, turns);
	return run_scenes("around: turns", tcase, argv);
}
