/* SPDX-License-Identifier: MIT
 *
 * User and other namespaces, and a root folder without /proc. Those of
 * processes' ids are around_pid_namespaces.c.
 */
#include "around_namespaces.h"

static void write_to(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC);

	ck_assert_int_eq(write(fd, text, strlen(text)), (int)strlen(text));
	close(fd);
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

int main(int argc UNUSED, char **argv)
{
	TCase *tcase = tcase_create("namespaces");

	tcase_add_test(tcase, user_namespace);
	tcase_add_test(tcase, other_namespaces);
	tcase_add_test(tcase, time_namespace);
	tcase_add_test(tcase, no_proc_in_root);
	return run_scenes("around: namespaces", tcase, argv);
}
