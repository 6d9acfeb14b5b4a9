/* SPDX-License-Identifier: MIT
 *
 * A thread that enters other namespaces, by libc's function, by syscall() or
 * by a system call of its own: its children are born there, those of the other
 * threads are not. Those of processes' ids are exact_pid_namespaces.c.
 */
#include <sys/mount.h>

#include "namespaces.h"

/* ---- mounts ---- */

static char marker[128];

static int sees_mount(void)
{
	return !access(marker, F_OK) && access("/proc/self", F_OK) ? 4 : 50;
}

static int sees_none(void)
{
	return access(marker, F_OK) && !access("/proc/self", F_OK) ? 4 : 50;
}

/* Another /proc, which is empty. */
static void *mounts(void *unused)
{
	children(sees_none, 4);
	ck_assert_int_eq(enter_new(CLONE_NEWNS), 0);
	/* In a chroot / is no mount. */
	if (mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL)) {
		puts("skipped: not in a chroot");
		stop = true;
		return unused;
	}
	ck_assert_int_eq(mount("none", in_folder("mount"), "tmpfs", 0, NULL),
			 0);
	close(open(marker, O_WRONLY | O_CREAT | O_CLOEXEC, 0600));
	children(sees_none, 50);
	ck_assert_int_eq(mount("none", "/proc", "tmpfs", 0, NULL), 0);
	children(sees_mount, 4);
	stop = true;
	usleep(30000);
	children(sees_mount, 4);
	return unused;
}

START_TEST(mounted_in_thread)
{
	if (!allowed(_i))
		return;
	mkdir(in_folder("mount"), 0700);
	snprintf(marker, sizeof(marker), "%s/mount/marker", folder);
	in_thread(mounts, sees_none);
}
END_TEST

/* ---- the others ---- */

static const struct {
	const char *name;
	int flag;
} others[] = {{"net", CLONE_NEWNET},
	      {"uts", CLONE_NEWUTS},
	      {"ipc", CLONE_NEWIPC},
	      {"cgroup", CLONE_NEWCGROUP}};
static int other;
static char here[64], there[64];

static void name_of(const char *process, char *name)
{
	char path[64];
	ssize_t n;

	snprintf(path, sizeof(path), "/proc/%s/ns/%s", process,
		 others[other].name);
	n = readlink(path, name, 63);
	name[n > 0 ? n : 0] = '\0';
}

static int is_here(void)
{
	char own[64];

	name_of("self", own);
	return strcmp(own, here) ? 50 : 4;
}

static int is_there(void)
{
	char own[64];

	name_of("self", own);
	return strcmp(own, there) ? 50 : 4;
}

static void *goes_and_comes(void *unused)
{
	char path[64];
	int back;

	snprintf(path, sizeof(path), "/proc/thread-self/ns/%s",
		 others[other].name);
	back = open(path, O_RDONLY | O_CLOEXEC);
	children(is_here, 4);
	ck_assert_int_eq(enter_new(others[other].flag), 0);
	name_of("thread-self", there);
	ck_assert_str_ne(here, there);
	children(is_there, 4);
	ck_assert_int_eq(enter(back, others[other].flag), 0);
	children(is_here, 4);
	close(back);
	stop = true;
	return unused;
}

START_TEST(goes_elsewhere)
{
	if (!allowed(_i))
		return;
	other = _i;
	name_of("self", here);
	in_thread(goes_and_comes, is_here);
}
END_TEST

int main(void)
{
	TCase *tcase = tcase_create("namespaces");

	tcase_add_loop_test(tcase, mounted_in_thread, 0, HOWS);
	tcase_add_loop_test(tcase, goes_elsewhere, 0, LENGTH(others));
	return run_suite("exact: namespaces of a thread", tcase);
}
