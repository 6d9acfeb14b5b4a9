/* SPDX-License-Identifier: MIT
 * What is left in the parent after very many forks: nothing. */
#include "util.h"

START_TEST(ten_thousand)
{
	static char before[1 << 20], after[1 << 20];
	int fds = 0;

	/* Less to copy for the true forks among them. */
	munmap((char *)heap + HEAP / 8, HEAP - HEAP / 8);
	for (int n = 0; n < 10000; n++) {
		pid_t pid;

		if (n == 100) {
			fds = open_fds();
			read_into("/proc/self/maps", before, sizeof(before));
		}
		pid = fork();
		if (!pid) {
			if (n % 10)
				exec_exit_static(4);
			_exit(4);
		}
		exits_with(pid, 4);
	}
	ck_assert_int_eq(open_fds(), fds);
	read_into("/proc/self/maps", after, sizeof(after));
	same_text(after, before);
	ck_assert_int_eq(waitpid(-1, NULL, WNOHANG | __WALL), -1);
	ck_assert_int_eq(errno, ECHILD);
}
END_TEST

int main(void)
{
	TCase *tcase = tcase_create("many");

	tcase_add_test(tcase, ten_thousand);
	return run_suite("fork: many", tcase);
}
