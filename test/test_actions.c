/* SPDX-License-Identifier: MIT
 * The file actions of posix_spawn(), each by what the child then finds. */
#include "spawn_test.h"

#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>

static actions_t actions;
static int pipe_fds[2]; /* 30 and 31, both to be closed at exec */

static void set_up(void)
{
	int fds[2];

	ck_assert_int_eq(pipe2(fds, O_CLOEXEC), 0);
	pipe_fds[0] = dup3(fds[0], 30, O_CLOEXEC);
	pipe_fds[1] = dup3(fds[1], 31, O_CLOEXEC);
	close(fds[0]);
	close(fds[1]);
	ck_assert_int_eq(posix_spawn_file_actions_init(&actions), 0);
}

static void tear_down(void)
{
	ck_assert_int_eq(posix_spawn_file_actions_destroy(&actions), 0);
}

static void ok(int error)
{
	ck_assert_int_eq(error, 0);
}

static void fails_with(int expected)
{
	ck_assert_int_eq(try_show(posix_spawn, &actions, NULL), expected);
	posix_spawn_file_actions_destroy(&actions);
	posix_spawn_file_actions_init(&actions);
}

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

#ifdef __GLIBC_PREREQ
#	if __GLIBC_PREREQ(2, 34)
#		define HAVE_CLOSEFROM 1
#	endif
#endif

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

START_TEST(bad_descriptors)
{
	int end = (int)sysconf(_SC_OPEN_MAX);

	for (int i = 0; i < 2; i++) {
		int bad = i ? end : -1;

		ck_assert_int_eq(
			posix_spawn_file_actions_addclose(&actions, bad),
			EBADF);
		ck_assert_int_eq(
			posix_spawn_file_actions_adddup2(&actions, bad, 1),
			EBADF);
		ck_assert_int_eq(
			posix_spawn_file_actions_adddup2(&actions, 1, bad),
			EBADF);
		ck_assert_int_eq(posix_spawn_file_actions_addopen(&actions, bad,
								  "/", 0, 0),
				 EBADF);
#ifdef HAVE_CLOSEFROM
		ck_assert_int_eq(
			posix_spawn_file_actions_addclosefrom_np(&actions, bad),
			EBADF);
#endif
	}
	ok(posix_spawn_file_actions_addclose(&actions, end - 1));
	must_show(&actions, NULL);
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

START_TEST(many)
{
	for (int i = 0; i < 1000; i++) {
		int fd = 50 + i % 50;

		ok(posix_spawn_file_actions_adddup2(&actions, fd, 100));
		ok(posix_spawn_file_actions_addopen(&actions, fd, "/dev/null",
						    O_RDONLY, 0));
	}
	/* Fails at once: nothing is open there yet. */
	ck_assert_int_eq(try_show(posix_spawn, &actions, NULL), EBADF);
	for (int fd = 50; fd < 100; fd++)
		dup2(1, fd);
	must_show(&actions, NULL);
	saw("fd99", "/dev/null ");
	saw("fd100", "/dev/null ");
}
END_TEST

/* The object may be used again, and its bytes may be moved. */
START_TEST(moved)
{
	actions_t copy;

	ok(posix_spawn_file_actions_adddup2(&actions, 30, 5));
	copy = actions;
	memset(&actions, 0xee, sizeof(actions));
	must_show(&copy, NULL);
	must_show(&copy, NULL);
	ck_assert_ptr_nonnull(seen("fd5"));
	actions = copy;
}
END_TEST

/* glibc's init is no more than this, and programs know. */
START_TEST(zeroed)
{
	actions_t zero;

	memset(&zero, 0, sizeof(zero));
	must_show(&zero, NULL);
	ok(posix_spawn_file_actions_adddup2(&zero, 30, 5));
	must_show(&zero, NULL);
	ck_assert_ptr_nonnull(seen("fd5"));
	ok(posix_spawn_file_actions_destroy(&zero));
}
END_TEST

/* ---- beside libc's own ---- */

/* Made by libc, used by us: goes back to libc. */
START_TEST(made_by_libc)
{
	actions_t theirs;

	if (!real("posix_spawn"))
		return skip("not glibc");
	ok(REAL(posix_spawn_file_actions_init)(&theirs));
	ok(REAL(posix_spawn_file_actions_adddup2)(&theirs, 30, 5));
	ok(posix_spawn_file_actions_adddup2(&theirs, 30, 6));
	must_show(&theirs, NULL);
	ck_assert_ptr_nonnull(seen("fd5"));
	ck_assert_ptr_nonnull(seen("fd6"));
	ok(posix_spawn_file_actions_destroy(&theirs));
}
END_TEST

/* Made by us, used by libc: as from a plugin that has found libc's function
 * by itself. */
START_TEST(used_by_libc)
{
	actions_t ours;

	if (!real("posix_spawn_file_actions_addtcsetpgrp_np"))
		return skip("glibc before 2.35");
	ok(posix_spawn_file_actions_init(&ours));
	ok(posix_spawn_file_actions_addopen(&ours, 5, "/dev/null", 0, 0));
	ok(posix_spawn_file_actions_addchdir_np(&ours, "/usr"));
	ok(posix_spawn_file_actions_adddup2(&ours, 30, 6));
	ok(REAL(posix_spawn_file_actions_addclose)(&ours, 0));
	ck_assert_int_eq(try_show(REAL(posix_spawn), &ours, NULL), 0);
	saw("cwd", "/usr");
	saw("fd5", "/dev/null ");
	ck_assert_ptr_nonnull(seen("fd6"));
	ck_assert_ptr_null(seen("fd0"));
	ok(REAL(posix_spawn_file_actions_destroy)(&ours));
}
END_TEST

/* One action, the same to both. */
static void add_random(actions_t *ours, actions_t *theirs)
{
	static const char *const paths[] = {"/dev/null", "/",  "/usr",	   "x",
					    "/none",	 "..", "/dev/zero"};
	const char *path = paths[rand() % 7];
	int a = 30 + rand() % 12, b = 30 + rand() % 12;

	switch (rand() % 7) {
	case 0:
		posix_spawn_file_actions_addclose(ours, a);
		REAL(posix_spawn_file_actions_addclose)(theirs, a);
		break;
	case 1:
	case 2:
		posix_spawn_file_actions_adddup2(ours, a, b);
		REAL(posix_spawn_file_actions_adddup2)(theirs, a, b);
		break;
	case 3:
		posix_spawn_file_actions_addopen(ours, a, path, O_RDONLY, 0);
		REAL(posix_spawn_file_actions_addopen)
		(theirs, a, path, O_RDONLY, 0);
		break;
	case 4:
		path = paths[b % 3];
		posix_spawn_file_actions_addchdir_np(ours, path);
		REAL(posix_spawn_file_actions_addchdir_np)(theirs, path);
		break;
	case 5:
		posix_spawn_file_actions_addfchdir_np(ours, a);
		REAL(posix_spawn_file_actions_addfchdir_np)(theirs, a);
		break;
	default:
#ifdef HAVE_CLOSEFROM
		a += 6;
		posix_spawn_file_actions_addclosefrom_np(ours, a);
		REAL(posix_spawn_file_actions_addclosefrom_np)(theirs, a);
#endif
		break;
	}
}

/* The child's own pid apart, both lead to the same state or error. */
START_TEST(same_as_libc)
{
	static char expected[sizeof(text)];

	if (!real("posix_spawn"))
		return skip("not glibc");
	for (int fd = 32; fd < 39; fd++)
		dup2(fd & 1 ? 30 : open("/", O_RDONLY | O_CLOEXEC), fd);
	for (int round = 0; round < 1000; round++) {
		actions_t ours, theirs;
		int got, wanted;

		srand((unsigned)round);
		posix_spawn_file_actions_init(&ours);
		REAL(posix_spawn_file_actions_init)(&theirs);
		for (int n = rand() % 6; n >= 0; n--)
			add_random(&ours, &theirs);
		wanted = try_show(REAL(posix_spawn), &theirs, NULL);
		memcpy(expected, text, sizeof(text));
		got = try_show(posix_spawn, &ours, NULL);
		ck_assert_msg(got == wanted, "round %d: %s, not %s", round,
			      strerror(got), strerror(wanted));
		if (strstr(text, "\npid "))
			*strstr(text, "\npid ") = '\0';
		if (strstr(expected, "\npid "))
			*strstr(expected, "\npid ") = '\0';
		ck_assert_msg(!strcmp(text, expected), "round %d:\n%s\nnot\n%s",
			      round, text, expected);
		posix_spawn_file_actions_destroy(&ours);
		REAL(posix_spawn_file_actions_destroy)(&theirs);
	}
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
	tcase_add_test(t, bad_descriptors);
	tcase_add_test(t, stops_at_the_first_failure);
	tcase_add_test(t, many);
	tcase_add_test(t, moved);
	tcase_add_test(t, zeroed);
	tcase_add_test(t, made_by_libc);
	tcase_add_test(t, used_by_libc);
	tcase_add_test(t, same_as_libc);
	return run_suite("actions", t);
}
