/* SPDX-License-Identifier: MIT
 *
 * Pid namespaces: before the first process of one, beside it, and as it.
 */
#include <sys/mount.h>

#include "around_namespaces.h"

/* The first child is the namespace's init: a second one could not be made
 * once it has gone, so it must be the application's. */
static pid_t (*first_way)(void);

static void before_pid_namespace(void)
{
	if (getuid())
		skip("not root");
	enter_new(CLONE_NEWPID);
	exits_with(first_way(), 4);
	/* As the kernel has it for a namespace without its init. */
	for (int i = 0; i < LENGTH(ways); i++) {
		ck_assert_int_eq(ways[i](), -1);
		ck_assert_int_eq(errno, ENOMEM);
	}
}

START_TEST(becomes_init)
{
	bool forks = ways[_i] != by_vfork && ways[_i] != by_spawn;

	first_way = ways[_i];
	steps_aside(before_pid_namespace,
		    forks ? "into a new pid namespace" : "");
}
END_TEST

/* With a live init, the next ones are numbered without a gap. */
static void beside_init(void)
{
	int fds[2];
	pid_t init;

	if (getuid())
		skip("not root");
	ck_assert_int_eq(pipe(fds), 0);
	enter_new(CLONE_NEWPID);
	init = fork();
	if (!init) {
		close(fds[1]);
		_exit(read(fds[0], &init, 1) ? 50 : 4);
	}
	for (int n = 2; n < 20; n++) {
		pid_t pid = fork();

		if (!pid)
			_exit(getpid());
		exits_with(pid, n);
		n++;
		exits_with(n % 4 ? by_vfork() : by_spawn(), 4);
	}
	close(fds[1]);
	exits_with(init, 4);
}

START_TEST(numbers)
{
	steps_aside(beside_init, "into a new pid namespace");
}
END_TEST

/* Orphans are its children. */
static void adopts(void)
{
	int status, fds[2];
	char byte;
	pid_t pid;

	ck_assert_int_eq(pipe(fds), 0);
	pid = fork();
	if (!pid) {
		execl("/bin/sh", "sh", "-c", "(exit 6) & exit 5", NULL);
		_exit(99);
	}
	exits_with(pid, 5);
	close(fds[1]);
	ck_assert_int_eq(read(fds[0], &byte, 1), 0);
	pid = wait(&status);
	ck_assert_int_gt(pid, 0);
	ck_assert_int_eq(status, 6 << 8);
	close(fds[0]);
	ck_assert_int_eq(wait(&status), -1);
}

static void init_of_its_own(void)
{
	pid_t init;

	if (getuid())
		skip("not root");
	enter_new(CLONE_NEWPID);
	init = fork();
	if (!init) {
		/* /proc is the old one, then its own. */
		ck_assert_int_eq(getpid(), 1);
		all_ways();
		adopts();
		enter_new(CLONE_NEWNS);
		/* In a chroot / is no mount, and no second /proc is to be
		 * had without the machine's noticing. */
		if (mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL))
			exit(errno == EINVAL ? 4 : 5);
		ck_assert_int_eq(mount("x", "/proc", "proc", 0, NULL), 0);
		all_ways();
		adopts();
		same_state(own_state);
		exit(4);
	}
	exits_with(init, 4);
}

START_TEST(is_init)
{
	commits(init_of_its_own);
}
END_TEST

int main(int argc UNUSED, char **argv)
{
	TCase *tcase = tcase_create("namespaces");

	tcase_add_loop_test(tcase, becomes_init, 0, LENGTH(ways));
	tcase_add_test(tcase, numbers);
	tcase_add_test(tcase, is_init);
	return run_scenes("around: pid namespaces", tcase, argv);
}
