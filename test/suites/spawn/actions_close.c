/* SPDX-License-Identifier: MIT
 * The file actions of posix_spawn() that close, one descriptor or all from one
 * on. */
#include "actions_test.h"

#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>

START_TEST(close_)
{
	ok(posix_spawn_file_actions_addclose(&actions, 0));
	ok(posix_spawn_file_actions_addclose(&actions, 0));
	ok(posix_spawn_file_actions_addclose(&actions, 200));
	must_show(&actions, NULL);
	ck_assert_ptr_null(seen("fd0"));
	ck_assert_int_ge(fcntl(0, F_GETFD), 0);
}
END_TEST

/* What was in range when it was added. */
START_TEST(close_out_of_range)
{
	struct rlimit limit;

	getrlimit(RLIMIT_NOFILE, &limit);
	ok(posix_spawn_file_actions_addclose(&actions, limit.rlim_cur - 1));
	ok(posix_spawn_file_actions_addclose(&actions, 50));
	limit.rlim_cur = 51;
	ok(setrlimit(RLIMIT_NOFILE, &limit));
	ck_assert_int_eq(try_show(posix_spawn, &actions, NULL), EBADF);
}
END_TEST

START_TEST(closefrom_)
{
#ifdef HAVE_CLOSEFROM
	for (int fd = 3; fd < 250; fd++)
		dup2(0, fd);
	ok(posix_spawn_file_actions_addclosefrom_np(&actions, 12));
	must_show(&actions, NULL);
	ck_assert_ptr_nonnull(seen("fd11"));
	for (int fd = 12; fd < 300; fd++) {
		char name[16];

		snprintf(name, sizeof(name), "fd%d", fd);
		ck_assert_ptr_null(seen(name));
	}
	ck_assert_int_ge(fcntl(200, F_GETFD), 0);
	/* Everything. */
	ok(posix_spawn_file_actions_addclosefrom_np(&actions, 0));
	must_show(&actions, NULL);
	ck_assert_ptr_null(strstr(text, "fd"));
#else
	skip("libc has no posix_spawn_file_actions_addclosefrom_np");
#endif
}
END_TEST

#ifndef SYS_close_range
#	define SYS_close_range 436
#endif

START_TEST(closefrom_without_close_range)
{
#ifdef HAVE_CLOSEFROM
	struct sock_filter code[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS,
			 offsetof(struct seccomp_data, nr)),
		BPF_JUMP(BPF_JMP | BPF_JEQ, SYS_close_range, 0, 1),
		BPF_STMT(BPF_RET, SECCOMP_RET_ERRNO | ENOSYS),
		BPF_STMT(BPF_RET, SECCOMP_RET_ALLOW),
	};
	struct sock_fprog program = {sizeof(code) / sizeof(*code), code};

	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) ||
	    prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program))
		return skip("no seccomp");
	for (int fd = 50; fd < 900; fd++)
		dup2(0, fd);
	ok(posix_spawn_file_actions_addclosefrom_np(&actions, 60));
	must_show(&actions, NULL);
	ck_assert_ptr_nonnull(seen("fd59"));
	for (int fd = 60; fd < 900; fd++) {
		char name[16];

		snprintf(name, sizeof(name), "fd%d", fd);
		ck_assert_ptr_null(seen(name));
	}
	/* Not even /proc. */
	while (dup(1) >= 0)
		;
	fails_with(EMFILE);
#else
	skip("libc has no posix_spawn_file_actions_addclosefrom_np");
#endif
}
END_TEST

int main(void)
{
	TCase *t = tcase_create("actions_close");

	tcase_add_checked_fixture(t, set_up, tear_down);
	tcase_add_test(t, close_);
	tcase_add_test(t, close_out_of_range);
	tcase_add_test(t, closefrom_);
	tcase_add_test(t, closefrom_without_close_range);
	return run_suite("actions_close", t);
}
