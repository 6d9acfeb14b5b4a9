/* SPDX-License-Identifier: MIT
 * The file actions of posix_spawn(), each by what the child then finds. */
#include "actions_test.h"

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
	tcase_add_test(t, open_);
	tcase_add_test(t, open_mode_and_umask);
	tcase_add_test(t, open_copies_the_path);
	tcase_add_test(t, open_at_exec);
	tcase_add_test(t, open_fails);
	tcase_add_test(t, open_with_all_used);
	tcase_add_test(t, chdir_);
	tcase_add_test(t, fchdir_);
	tcase_add_test(t, program_found_after_chdir);
	tcase_add_test(t, stops_at_the_first_failure);
	return run_suite("actions", t);
}
