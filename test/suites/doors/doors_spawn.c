/* SPDX-License-Identifier: MIT
 * Every posix_spawn(), and exec with a thousand arguments. */
#include <dlfcn.h>

#include "doors.h"

/* ---- many arguments ---- */

#define TEN(x)	    x, x, x, x, x, x, x, x, x, x
#define THOUSAND(x) TEN(TEN(TEN(x)))

static void many_execl(void)
{
	environ = envp;
	execl(target, "many", output, THOUSAND("a b"), NULL);
}

static void many_execlp(void)
{
	environ = envp;
	execlp(target, "many", output, THOUSAND("a b"), NULL);
}

static void many_execle(void)
{
	execle(target, "many", output, THOUSAND("a b"), NULL, envp);
}

START_TEST(thousand_arguments)
{
	static void (*const calls[])(void) = {many_execl, many_execlp,
					      many_execle};
	char *expected[1003] = {"many", output};

	for (int i = 0; i < 1000; i++)
		expected[i + 2] = "a b";
	for (int i = 0; i < LENGTH(calls); i++) {
		pid_t pid = fork();

		if (!pid) {
			calls[i]();
			_exit(99);
		}
		target_ran(wait_for(pid), EXIT, expected, envp);
	}
}
END_TEST

/* ---- posix_spawn ---- */

typedef __typeof__(posix_spawn) spawner;

static const char *const spawners[] = {"posix_spawn", "posix_spawnp",
				       "pidfd_spawn", "pidfd_spawnp"};

/* The last two exist since glibc 2.39; the library has them anyway. */
START_TEST(every_spawn)
{
	spawner *f = (spawner *)dlsym(RTLD_DEFAULT, spawners[_i]);
	int id = -77, status, error;

	if (!f)
		return;
	errno = 77;
	error = f(&id, target, NULL, NULL, argv, envp);
	if (error == ENOSYS && _i > 1)
		return;
	ck_assert_int_eq(error, 0);
	ck_assert_int_eq(errno, 77);
	ck_assert_int_gt(waitpid(_i > 1 ? -1 : id, &status, 0), 0);
	target_ran(status, EXIT, argv, envp);
	if (_i > 1)
		close(id);
	id = -77;
	ck_assert_int_eq(f(&id, "/nonexistent/x", NULL, NULL, argv, envp),
			 ENOENT);
	ck_assert_int_eq(id, -77);
}
END_TEST

int main(void)
{
	TCase *tcase = tcase_create("doors");

	tcase_add_checked_fixture(tcase, set_up, NULL);
	tcase_add_test(tcase, thousand_arguments);
	tcase_add_loop_test(tcase, every_spawn, 0, LENGTH(spawners));
	return run_suite("doors_spawn", tcase);
}
