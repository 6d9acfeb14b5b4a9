/* SPDX-License-Identifier: MIT
 *
 * What the unit tests share. Each is a program of its own, made of the files of
 * preload/ that it tests (unit.mk) with a sanitizer: nothing is preloaded. What
 * is random is the same in each run.
 */
#ifndef TEST_UNIT_H
#define TEST_UNIT_H

#include <errno.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "case.h"

/* Marsaglia's xorshift64. Each thread has its own, made from any number. */
struct dice {
	uint64_t state;
};

static UNUSED struct dice dice(uint64_t seed)
{
	return (struct dice){(seed + 1) * 0x9e3779b97f4a7c15};
}

/* 0 to n - 1 */
static UNUSED unsigned roll(struct dice *d, unsigned n)
{
	d->state ^= d->state << 13;
	d->state ^= d->state >> 7;
	d->state ^= d->state << 17;
	return (unsigned)((d->state >> 32) % n);
}

static UNUSED int run_unit(const char *name, const TTest *const tests[], int n)
{
	Suite *suite = suite_create(name);
	TCase *tcase = tcase_create(name);
	SRunner *runner = srunner_create(suite);
	int failed;

	/* Check's own limit is 4 seconds, for a machine that is idle. */
	tcase_set_timeout(tcase, 60);
	for (int i = 0; i < n; i++)
		tcase_add_test(tcase, tests[i]);
	suite_add_tcase(suite, tcase);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}

/* The tests of a file, last in it. */
#define UNIT(name, ...)                                       \
	int main(void)                                        \
	{                                                     \
		const TTest *const tests[] = {__VA_ARGS__};   \
		return run_unit(#name, tests, LENGTH(tests)); \
	}

#endif
