/* SPDX-License-Identifier: MIT
 * The object that holds file actions: ours, libc's, and one in the place of
 * the other. */
#include "actions_test.h"

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
	TCase *t = tcase_create("actions_object");

	tcase_add_checked_fixture(t, set_up, tear_down);
	tcase_add_test(t, bad_descriptors);
	tcase_add_test(t, many);
	tcase_add_test(t, moved);
	tcase_add_test(t, zeroed);
	tcase_add_test(t, made_by_libc);
	tcase_add_test(t, used_by_libc);
	tcase_add_test(t, same_as_libc);
	return run_suite("actions_object", t);
}
