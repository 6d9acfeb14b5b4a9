/* SPDX-License-Identifier: MIT
 *
 * Check, with VSPAWN_TEST_CASE=NAME: of a suite only that test, and what is
 * called now_..., which says how those behind it run; see scripts/check-one.
 * Macros that all tests have are here, too.
 */
#ifndef TEST_CASE_H
#define TEST_CASE_H

#include <check.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define UNUSED	      __attribute__((unused))
#define LENGTH(array) (int)(sizeof(array) / sizeof(*(array)))

#ifdef CHECK_MAJOR_VERSION /* musl/check.h has none */
static inline int chosen(const char *name)
{
	const char *only = getenv("VSPAWN_TEST_CASE");

	return !only || !strcmp(only, name) || !strncmp(name, "now_", 4);
}

/* What each of Check's macros that add a test ends in. */
#	define _tcase_add_test(tcase, test, ...)                        \
		(chosen((test)->name)                                    \
			 ? _tcase_add_test((tcase), (test), __VA_ARGS__) \
			 : (void)0)

/* Check asks for a timer each time that it looks at the clock, and takes
 * another one if there is none: of a test that does away with timers it would
 * measure the difference of the two, which is too large for it at half of all
 * hours. Instead of check_get_clockid() of 0.15.2. */
clockid_t __wrap_check_get_clockid(void);
UNUSED clockid_t __wrap_check_get_clockid(void)
{
	return CLOCK_MONOTONIC;
}
#endif

#endif
