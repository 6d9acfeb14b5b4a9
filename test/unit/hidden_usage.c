/* SPDX-License-Identifier: MIT
 * kernel/task/hidden_usage.c: all of it is taken off, and each thread is told
 * of its own alone, by which it knows what a transaction has cost. */
#include <pthread.h>

#include "kernel/task/hidden_usage.h"
#include "unit.h"

enum { THREADS = 4, TIMES = 10000 };

static const struct rusage used = {
	.ru_utime = {.tv_usec = 2}, .ru_stime = {.tv_usec = 1}, .ru_minflt = 5};
static _Atomic int right;

static void *adds(void *arg)
{
	(void)arg;
	for (int i = 0; i < TIMES; i++)
		vs_hidden_usage_add(&used);
	right += vs_hidden_usage_us() == 3 * TIMES;
	return NULL;
}

START_TEST(of_threads)
{
	struct rusage children = {.ru_utime = {.tv_sec = 1},
				  .ru_stime = {.tv_usec = 7},
				  .ru_minflt = 5 * THREADS * TIMES + 3};
	pthread_t thread[THREADS];

	vs_hidden_usage_reset();
	ck_assert(!vs_hidden_usage_take_off(&children));
	for (int i = 0; i < THREADS; i++)
		ck_assert_int_eq(pthread_create(&thread[i], NULL, adds, NULL),
				 0);
	for (int i = 0; i < THREADS; i++)
		pthread_join(thread[i], NULL);
	ck_assert_int_eq(right, THREADS);
	ck_assert_uint_eq(vs_hidden_usage_us(), 0);
	ck_assert(vs_hidden_usage_take_off(&children));
	ck_assert_int_eq(children.ru_utime.tv_sec, 0);
	ck_assert_int_eq(children.ru_utime.tv_usec,
			 1000000 - 2 * THREADS * TIMES);
	ck_assert_int_eq(children.ru_stime.tv_usec, 0); /* not below it */
	ck_assert_int_eq(children.ru_minflt, 3);
}
END_TEST

UNIT(hidden_usage, of_threads)
