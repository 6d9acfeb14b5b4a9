/* SPDX-License-Identifier: MIT
 *
 * Tables of descriptors that are full, larger than their limit, or lack the
 * first three.
 */
#include <sys/resource.h>

#include "state.h"

static void fill_table(rlim_t size)
{
	struct rlimit limit = {.rlim_cur = size, .rlim_max = size};

	ck_assert_int_eq(setrlimit(RLIMIT_NOFILE, &limit), 0);
	while (dup(2) >= 0)
		;
	ck_assert_int_eq(errno, EMFILE);
}

static void exits_directly(void)
{
	_exit(4);
}

static void execs(void)
{
	exec_exit_static(4);
}

/* Not even one more: nothing may depend on a descriptor of our own. */
START_TEST(full_table)
{
	int n;

	fill_table(_i);
	n = open_fds();
	both_exit(execs, 4);
	both_exit(exits_directly, 4);
	both_exit(execs, 4);
	ck_assert_int_eq(open_fds(), n);
	close(_i - 1);
	both_exit(execs, 4);
	ck_assert_int_eq(open_fds(), n - 1);
}
END_TEST

/* The limit is below what is open. */
START_TEST(low_limit)
{
	struct rlimit limit = {.rlim_cur = 0, .rlim_max = 0};

	ck_assert_int_eq(setrlimit(RLIMIT_NOFILE, &limit), 0);
	both_exit(execs, 4);
	both_exit(exits_directly, 4);
}
END_TEST

static void nothing(void)
{
}

/* Whatever is opened meanwhile must not be taken for standard output. */
START_TEST(standard_closed)
{
	int saved[3];

	for (int fd = 0; fd < 3; fd++)
		saved[fd] = fcntl(fd, F_DUPFD_CLOEXEC, 500);
	for (int mask = 1; mask < 8; mask++) {
		for (int fd = 0; fd < 3; fd++) {
			dup2(saved[fd], fd);
			if (mask & 1 << fd)
				close(fd);
		}
		same_state(nothing);
		for (int fd = 0; fd < 3; fd++)
			ck_assert_int_eq(fcntl(fd, F_GETFD),
					 mask & 1 << fd ? -1 : 0);
	}
}
END_TEST

int main(void)
{
	TCase *tcase = tcase_create("full");

	tcase_add_loop_test(tcase, full_table, 20, 24);
	tcase_add_test(tcase, low_limit);
	tcase_add_test(tcase, standard_closed);
	return run_suite("fork: full tables", tcase);
}
