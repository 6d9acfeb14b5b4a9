/* SPDX-License-Identifier: MIT
 *
 * As much of Check as the suites use, for a libc that Check is not installed
 * for. Each test runs in a process of its own, unless CK_FORK=no.
 */
#ifndef TEST_MUSL_CHECK_H
#define TEST_MUSL_CHECK_H

#include <setjmp.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define START_TEST(name)                                           \
	static void name##_fn(int _i);                             \
	static const struct test name##_test = {#name, name##_fn}; \
	static const struct test *const name = &name##_test;       \
	static void name##_fn(int _i __attribute__((unused)))
#define END_TEST

typedef struct test {
	const char *name;
	void (*run)(int);
} TTest;

typedef struct {
	struct entry {
		const struct test *test;
		int from, to;
	} entry[64];
	int n;
	struct {
		void (*set_up)(void), (*tear_down)(void);
	} fixture[4];
	int fixtures;
} TCase, Suite, SRunner;

enum { CK_LIMIT = 30 }; /* s, for one test */

static jmp_buf ck_failed;
static int ck_forks = 1, ck_failures;

__attribute__((unused, noreturn)) static void ck_fail(const char *file,
						      int line)
{
	fprintf(stderr, "%s:%d: failed\n", file, line);
	if (ck_forks)
		_exit(1);
	longjmp(ck_failed, 1);
}

#define ck_assert_msg(condition, ...)                 \
	do {                                          \
		if (!(condition)) {                   \
			fprintf(stderr, __VA_ARGS__); \
			fputs("\n", stderr);          \
			ck_fail(__FILE__, __LINE__);  \
		}                                     \
	} while (0)
#define ck_abort_msg(...)    ck_assert_msg(0, __VA_ARGS__)
#define ck_assert(condition) ck_assert_msg(condition, "%s", #condition)

#define CK_COMPARE(type, format, a, op, b)                                     \
	do {                                                                   \
		type a_ = (type)(a);                                           \
		type b_ = (type)(b);                                           \
                                                                               \
		ck_assert_msg(a_ op b_,                                        \
			      "%s is " format ", not " #op " " format, #a, a_, \
			      b_);                                             \
	} while (0)

#define ck_assert_int_eq(a, b)	 CK_COMPARE(intmax_t, "%jd", a, ==, b)
#define ck_assert_int_ne(a, b)	 CK_COMPARE(intmax_t, "%jd", a, !=, b)
#define ck_assert_int_gt(a, b)	 CK_COMPARE(intmax_t, "%jd", a, >, b)
#define ck_assert_int_ge(a, b)	 CK_COMPARE(intmax_t, "%jd", a, >=, b)
#define ck_assert_int_le(a, b)	 CK_COMPARE(intmax_t, "%jd", a, <=, b)
#define ck_assert_int_lt(a, b)	 CK_COMPARE(intmax_t, "%jd", a, <, b)
#define ck_assert_uint_eq(a, b)	 CK_COMPARE(uintmax_t, "%ju", a, ==, b)
#define ck_assert_ptr_eq(a, b)	 CK_COMPARE(const void *, "%p", a, ==, b)
#define ck_assert_ptr_ne(a, b)	 CK_COMPARE(const void *, "%p", a, !=, b)
#define ck_assert_ptr_null(a)	 ck_assert_ptr_eq(a, NULL)
#define ck_assert_ptr_nonnull(a) ck_assert_ptr_ne(a, NULL)
#define ck_assert_str_eq(a, b) \
	ck_assert_msg(!strcmp(a, b), "%s is \"%s\", not \"%s\"", #a, a, b)
#define ck_assert_str_ne(a, b) \
	ck_assert_msg(strcmp(a, b), "%s is \"%s\"", #a, a)

enum { CK_NORMAL };

#define tcase_create(name)	      calloc(1, sizeof(TCase))
#define suite_create(name)	      calloc(1, sizeof(TCase))
#define suite_add_tcase(suite, tcase) (*(suite) = *(tcase))
#define srunner_create(suite)	      (suite)
#define srunner_ntests_failed(runner) ck_failures
#define srunner_free(runner)	      free(runner)
#define tcase_set_timeout(tcase, s)   ((void)(s))
#define tcase_add_test(tcase, name)   tcase_add_loop_test(tcase, name, 0, 1)
#define tcase_add_checked_fixture(tcase, before, after)         \
	((tcase)->fixture[(tcase)->fixtures].set_up = (before), \
	 (tcase)->fixture[(tcase)->fixtures++].tear_down = (after))
#define tcase_add_loop_test(tcase, test_, from_, to_) \
	((tcase)->entry[(tcase)->n++] = (struct entry){test_, from_, to_})

static void ck_call(const TCase *tcase, const struct entry *e, int i)
{
	for (int n = 0; n < tcase->fixtures; n++)
		tcase->fixture[n].set_up();
	e->test->run(i);
	for (int n = tcase->fixtures; n--;) {
		if (tcase->fixture[n].tear_down)
			tcase->fixture[n].tear_down();
	}
}

static int ck_apart(const TCase *tcase, const struct entry *e, int i)
{
	int status = -1;
	pid_t pid;

	fflush(NULL);
	pid = fork();
	if (!pid) {
		setpgid(0, 0);
		ck_call(tcase, e, i);
		exit(0);
	}
	for (int ms = 0; waitpid(pid, &status, WNOHANG) != pid; ms++) {
		if (ms == CK_LIMIT * 1000) {
			fputs("time limit\n", stderr);
			kill(pid, SIGKILL);
		}
		usleep(1000);
	}
	kill(-pid, SIGKILL);
	return status;
}

__attribute__((unused)) static void srunner_run_all(TCase *tcase, int how)
{
	const char *forks = getenv("CK_FORK");

	(void)how;
	ck_forks = !forks || strcmp(forks, "no") != 0;
	for (const struct entry *e = tcase->entry; e->test; e++) {
		for (volatile int i = e->from; i < e->to; i++) {
			volatile int status = 1;

			if (ck_forks) {
				status = ck_apart(tcase, e, i);
			} else if (!setjmp(ck_failed)) {
				ck_call(tcase, e, i);
				status = 0;
			}
			if (!status)
				continue;
			fprintf(stderr, "%s[%d]: wait status %#x\n",
				e->test->name, i, status);
			ck_failures++;
		}
	}
}

#endif
