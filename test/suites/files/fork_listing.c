/* SPDX-License-Identifier: MIT
 *
 * What a child sees of descriptors in /proc: its own, its parent's, another's.
 * One of the library's would be one more, or hide another. And what it is told
 * of those that it does not have.
 */
#include <dirent.h>

#include "state.h"

static char listed[64];
static int expected;

static int count_listed(void)
{
	DIR *list = opendir(listed);
	int n = 0;

	while (list && readdir(list))
		n++;
	closedir(list);
	return n;
}

static void list_all(void)
{
	exec_exit_static(count_listed() == expected ? 4 : 50);
}

static void overwrite_and_list(void)
{
	for (int fd = 90; fd < 250; fd++)
		dup2(0, fd);
	list_all();
}

static void find_by_name(void)
{
	char name[64];
	int found = 0;

	for (int fd = 90; fd < 250; fd++) {
		snprintf(name, sizeof(name), "/proc/self/fd/%d", fd);
		found += !access(name, F_OK);
		snprintf(name, sizeof(name), "/dev/fd/%d/..", fd);
		found += !access(name, F_OK) || errno != ENOENT;
	}
	exec_exit_static(found ? 50 : 4);
}

START_TEST(by_name)
{
	both_exit(find_by_name, 4);
}
END_TEST

/* No more than natively, and no less. */
START_TEST(listing)
{
	static const char *const names[] = {
		"/proc/self/fd", "/proc/self/fdinfo", "/proc/thread-self/fd"};

	strcpy(listed, names[_i]);
	dup2(0, 300);
	expected = count_listed();
	both_exit(list_all, 4);
}
END_TEST

START_TEST(listing_of_parent)
{
	snprintf(listed, sizeof(listed), "/proc/%d/fd%s", getpid(),
		 _i ? "info" : "");
	/* But for the list itself. */
	expected = count_listed() - 1;
	both_exit(list_all, 4);
	both_exit(overwrite_and_list, 4);
}
END_TEST

START_TEST(listing_of_others)
{
	pid_t other;

	for (int fd = 90; fd < 250; fd++)
		dup2(0, fd);
	other = raw_fork();
	while (!other)
		pause();
	close_range(90, 250, 0);
	snprintf(listed, sizeof(listed), "/proc/%d/fd", other);
	expected = count_listed();
	both_exit(list_all, 4);
	kill(other, SIGKILL);
	dies_by(other, SIGKILL);
}
END_TEST

enum { LIKELY = 100 }; /* the library's */

/* Of two mistakes the kernel notices one first. What is wrong is told by exec:
 * an exit would make it a true fork. */
static void wrong_twice(void)
{
	char c;

	/* One try: it makes a true fork where the library has none. */
	if (pread(LIKELY, &c, 1, -1) != -1 || errno != EINVAL)
		exec_exit_static(54);
	for (int fd = 60; fd < 300; fd++) {
		if (fcntl(fd, F_GETFD) >= 0)
			continue;
		if (dup3(fd, 500, O_NONBLOCK) != -1 || errno != EINVAL)
			exec_exit_static(50);
		if (dup3(fd, fd, 0) != -1 || errno != EINVAL)
			exec_exit_static(51);
		if (dup3(fd, 500, 0) != -1 || errno != EBADF)
			exec_exit_static(52);
		if (dup2(fd, fd) != -1 || errno != EBADF ||
		    dup3(fd, -1, 0) != -1 || errno != EBADF)
			exec_exit_static(53);
		if (mmap(NULL, PAGE, PROT_READ, MAP_PRIVATE, fd, 0) !=
			    MAP_FAILED ||
		    errno != EBADF)
			exec_exit_static(55);
	}
	exec_exit_static(4);
}

START_TEST(not_open)
{
	both_exit(wrong_twice, 4);
}
END_TEST

int main(void)
{
	TCase *tcase = tcase_create("listing");

	tcase_add_test(tcase, by_name);
	tcase_add_loop_test(tcase, listing, 0, 3);
	tcase_add_loop_test(tcase, listing_of_parent, 0, 2);
	tcase_add_test(tcase, listing_of_others);
	tcase_add_test(tcase, not_open);
	return run_suite("fork: listing", tcase);
}
