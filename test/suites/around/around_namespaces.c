/* SPDX-License-Identifier: MIT
 *
 * User, pid and other namespaces, and a root folder without /proc.
 */
#include <sched.h>
#include <sys/mount.h>

#include "around.h"

static void enter_new(int namespaces)
{
	if (unshare(namespaces))
		skip("no such namespace");
}

static void write_to(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC);

	ck_assert_int_eq(write(fd, text, strlen(text)), (int)strlen(text));
	close(fd);
}

static void own_state(void)
{
}

/* Before it has users, and as its root. */
static void in_user_namespace(void)
{
	char map[32];

	snprintf(map, sizeof(map), "0 %d 1", getuid());
	enter_new(CLONE_NEWUSER);
	all_ways();
	write_to("/proc/self/setgroups", "deny");
	write_to("/proc/self/uid_map", map);
	ck_assert_int_eq(getuid(), 0);
	all_ways();
	enter_new(CLONE_NEWNS | CLONE_NEWUTS | CLONE_NEWIPC | CLONE_NEWNET);
	all_ways();
}

START_TEST(user_namespace)
{
	commits(in_user_namespace);
}
END_TEST

static void in_others(void)
{
	enter_new(CLONE_NEWNS | CLONE_NEWUTS | CLONE_NEWIPC | CLONE_NEWNET);
	all_ways();
	same_state(own_state);
	enter_new(CLONE_NEWCGROUP);
	all_ways();
	same_state(own_state);
}

START_TEST(other_namespaces)
{
	commits(in_others);
}
END_TEST

/* Children start in it, their parent stays outside. */
static void before_time_namespace(void)
{
	enter_new(0x80); /* CLONE_NEWTIME */
	write_to("/proc/self/timens_offsets", "monotonic 100000 0\n");
	for (int n = 0; n < 3; n++)
		exits_with(by_fork(), 4);
	exits_with(by_fork_alone(), 4);
}

START_TEST(time_namespace)
{
	commits(before_time_namespace);
}
END_TEST

static void chrooted(void)
{
	int root = open("/", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	char inside[PATH_MAX];

	if (getuid())
		skip("not root");
	all_ways();
	/* The program is at the same place in the new root. */
	snprintf(inside, sizeof(inside), "mkdir -p '%s/root%s'", folder,
		 folder);
	ck_assert_int_eq(system(inside), 0);
	snprintf(inside, sizeof(inside), "cp '%s' '%s/root%s'", program, folder,
		 program);
	ck_assert_int_eq(system(inside), 0);
	ck_assert_int_eq(chroot(in_folder("root")), 0);
	ck_assert_int_eq(chdir("/"), 0);
	usleep(30000); /* what /proc has said holds for a while */
	all_ways();
	ck_assert_int_eq(access("/proc", F_OK), -1);
	ck_assert_int_eq(fchdir(root), 0);
	ck_assert_int_eq(chroot("."), 0);
}

/* The same from its start, so that nothing has been seen before. */
static void chrooted_from_the_start(void)
{
	int root = open("/", O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (getuid())
		skip("not root");
	ck_assert_int_eq(chroot(in_folder("root")), 0);
	ck_assert_int_eq(chdir("/"), 0);
	all_ways();
	ck_assert_int_eq(fchdir(root), 0);
	ck_assert_int_eq(chroot("."), 0);
}

START_TEST(no_proc_in_root)
{
	commits(chrooted);
	steps_aside(chrooted_from_the_start, "/proc is not usable");
}
END_TEST

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

	tcase_add_test(tcase, user_namespace);
	tcase_add_test(tcase, other_namespaces);
	tcase_add_test(tcase, time_namespace);
	tcase_add_test(tcase, no_proc_in_root);
	tcase_add_loop_test(tcase, becomes_init, 0, LENGTH(ways));
	tcase_add_test(tcase, numbers);
	tcase_add_test(tcase, is_init);
	return run_scenes("around: namespaces", tcase, argv);
}
