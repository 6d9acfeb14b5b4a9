/* SPDX-License-Identifier: MIT
 * The file actions of posix_spawn(), each by what the child then finds. */
#include "actions_test.h"

#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>

START_TEST(none)
{
	must_show(&actions, NULL);
	ck_assert_ptr_null(seen("fd30"));
}
END_TEST

START_TEST(dup2_)
{
	ok(posix_spawn_file_actions_adddup2(&actions, 30, 5));
	ok(posix_spawn_file_actions_adddup2(&actions, 5, 6));
	must_show(&actions, NULL);
	ck_assert_ptr_nonnull(strstr(seen("fd5"), "pipe:"));
	ck_assert_ptr_nonnull(strstr(seen("fd6"), "pipe:"));
	ck_assert_ptr_null(seen("fd30"));
	ck_assert_int_eq(fcntl(5, F_GETFD), -1);
}
END_TEST

START_TEST(dup2_onto_itself)
{
	ok(posix_spawn_file_actions_adddup2(&actions, 31, 31));
	must_show(&actions, NULL);
	ck_assert_ptr_nonnull(strstr(seen("fd31"), "pipe:"));
	ck_assert_int_eq(fcntl(31, F_GETFD), FD_CLOEXEC);
}
END_TEST

START_TEST(dup2_of_nothing)
{
	ok(posix_spawn_file_actions_adddup2(&actions, 77, 5));
	fails_with(EBADF);
	ok(posix_spawn_file_actions_adddup2(&actions, 77, 77));
	fails_with(EBADF);
}
END_TEST

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

START_TEST(open_)
{
	ok(posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY,
					    0));
	ok(posix_spawn_file_actions_addopen(&actions, 40, in_folder("made"),
					    O_WRONLY | O_CREAT | O_APPEND,
					    0640));
	must_show(&actions, NULL);
	saw("fd0", "/dev/null ");
	ck_assert_ptr_nonnull(strstr(seen("fd40"), "/made append write"));
	/* The number that it was opened as first is gone. */
	ck_assert_ptr_null(strstr(strstr(text, "/made") + 1, "/made"));
}
END_TEST

START_TEST(open_mode_and_umask)
{
	struct stat st;

	umask(027);
	ok(posix_spawn_file_actions_addopen(&actions, 9, in_folder("made"),
					    O_WRONLY | O_CREAT | O_EXCL, 0666));
	must_show(&actions, NULL);
	ok(stat(in_folder("made"), &st));
	ck_assert_int_eq(st.st_mode & 07777, 0640);
	fails_with(EEXIST);
}
END_TEST

START_TEST(open_copies_the_path)
{
	char path[] = "/dev/null";

	ok(posix_spawn_file_actions_addopen(&actions, 7, path, O_RDONLY, 0));
	memset(path, 'x', sizeof(path) - 1);
	must_show(&actions, NULL);
	saw("fd7", "/dev/null ");
}
END_TEST

START_TEST(open_at_exec)
{
	ok(posix_spawn_file_actions_addopen(&actions, 7, "/dev/null",
					    O_RDONLY | O_CLOEXEC, 0));
	must_show(&actions, NULL);
	saw("fd7", "/dev/null ");
}
END_TEST

START_TEST(open_fails)
{
	ok(posix_spawn_file_actions_addopen(&actions, 7, in_folder("no/file"),
					    O_RDONLY, 0));
	fails_with(ENOENT);
	ok(posix_spawn_file_actions_addopen(&actions, 7, folder, O_WRONLY, 0));
	fails_with(EISDIR);
	ok(posix_spawn_file_actions_addopen(&actions, 7, "/dev/null/x",
					    O_WRONLY, 0));
	fails_with(ENOTDIR);
}
END_TEST

/* Its target is closed first, so that there is room for it. */
START_TEST(open_with_all_used)
{
	char *args[] = {"show", out, NULL};
	pid_t pid;

	ok(posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY,
					    0));
	ok(posix_spawn_file_actions_addclose(&actions, 40));
	while (dup(1) >= 0)
		;
	ok(posix_spawn(&pid, show, &actions, NULL, args, environ));
	ck_assert_int_eq(wait_for(pid), 0);
	close(40);
	read_text();
	saw("fd0", "/dev/null ");
	ok(posix_spawn_file_actions_adddup2(&actions, 1, 40));
	ok(posix_spawn_file_actions_addopen(&actions, 41, "/none", 0, 0));
	fails_with(ENOENT);
}
END_TEST

START_TEST(chdir_)
{
	ok(posix_spawn_file_actions_addchdir_np(&actions, "/usr"));
	ok(posix_spawn_file_actions_addopen(&actions, 8, ".", O_RDONLY, 0));
	ok(posix_spawn_file_actions_addchdir_np(&actions, "../etc"));
	must_show(&actions, NULL);
	saw("cwd", "/etc");
	saw("fd8", "/usr ");
	ok(posix_spawn_file_actions_addchdir_np(&actions, "/none"));
	fails_with(ENOENT);
	ok(posix_spawn_file_actions_addchdir_np(&actions, "/dev/null"));
	fails_with(ENOTDIR);
}
END_TEST

START_TEST(fchdir_)
{
	ok(posix_spawn_file_actions_addopen(&actions, 8, "/usr", O_RDONLY, 0));
	ok(posix_spawn_file_actions_addfchdir_np(&actions, 8));
	must_show(&actions, NULL);
	saw("cwd", "/usr");
	posix_spawn_file_actions_addfchdir_np(&actions, 99);
	fails_with(EBADF);
	ok(posix_spawn_file_actions_addfchdir_np(&actions, 30));
	fails_with(ENOTDIR);
}
END_TEST

START_TEST(program_found_after_chdir)
{
	char *args[] = {"show", out, NULL};
	pid_t pid;

	ok(symlink(show, in_folder("prog")));
	ok(posix_spawn_file_actions_addchdir_np(&actions, folder));
	ok(posix_spawn(&pid, "./prog", &actions, NULL, args, environ));
	ck_assert_int_eq(wait_for(pid), 0);
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

/* The first that fails decides, what comes after it is not done. */
START_TEST(stops_at_the_first_failure)
{
	ok(posix_spawn_file_actions_addopen(&actions, 8, in_folder("made1"),
					    O_WRONLY | O_CREAT, 0600));
	ok(posix_spawn_file_actions_addchdir_np(&actions, "/none"));
	ok(posix_spawn_file_actions_adddup2(&actions, 99, 98));
	ok(posix_spawn_file_actions_addopen(&actions, 8, in_folder("made2"),
					    O_WRONLY | O_CREAT, 0600));
	fails_with(ENOENT);
	ok(access(in_folder("made1"), F_OK));
	ck_assert_int_eq(access(in_folder("made2"), F_OK), -1);
}
END_TEST

int main(void)
{
	TCase *t = tcase_create("actions");

	tcase_add_checked_fixture(t, set_up, tear_down);
	tcase_add_test(t, none);
	tcase_add_test(t, dup2_);
	tcase_add_test(t, dup2_onto_itself);
	tcase_add_test(t, dup2_of_nothing);
	tcase_add_test(t, close_);
	tcase_add_test(t, close_out_of_range);
	tcase_add_test(t, open_);
	tcase_add_test(t, open_mode_and_umask);
	tcase_add_test(t, open_copies_the_path);
	tcase_add_test(t, open_at_exec);
	tcase_add_test(t, open_fails);
	tcase_add_test(t, open_with_all_used);
	tcase_add_test(t, chdir_);
	tcase_add_test(t, fchdir_);
	tcase_add_test(t, program_found_after_chdir);
	tcase_add_test(t, closefrom_);
	tcase_add_test(t, closefrom_without_close_range);
	tcase_add_test(t, stops_at_the_first_failure);
	return run_suite("actions", t);
}
