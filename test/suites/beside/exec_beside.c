/* SPDX-License-Identifier: MIT
 *
 * A thread that execs while another forks: the new program is not left with a
 * child that it cannot wait for, and that keeps descriptors open.
 */
#include "util.h"

enum { SPREAD_MS = 20, STEP_MS = 2 };

static void at_all_times(const char *who)
{
	for (volatile int ms = 0; ms < SPREAD_MS; ms += STEP_MS) {
		char text[16];
		pid_t pid = vfork();

		if (!pid) {
			snprintf(text, sizeof(text), "%d", ms);
			execl(host("exec_beside"), host("exec_beside"), who,
			      text, NULL);
			_exit(99);
		}
		exits_with(pid, 0);
	}
}

START_TEST(first_forks)
{
	at_all_times("first");
}
END_TEST

START_TEST(second_forks)
{
	at_all_times("second");
}
END_TEST

/* Of which nobody is to notice anything later: the next forks, of all threads,
 * are as before. */
START_TEST(failed_exec)
{
	char *none[] = {NULL};
	pid_t pid;

	for (int i = 0; i < 3; i++) {
		ck_assert_int_eq(execve("/nonexistent", none, none), -1);
		ck_assert_int_eq(errno, ENOENT);
		pid = fork();
		if (!pid) {
			execl("/bin/true", "true", NULL);
			_exit(99);
		}
		exits_with(pid, 0);
	}
}
END_TEST

int main(void)
{
	TCase *tcase = tcase_create("exec");

	tcase_add_test(tcase, first_forks);
	tcase_add_test(tcase, second_forks);
	tcase_add_test(tcase, failed_exec);
	return run_suite("exec beside a fork", tcase);
}
