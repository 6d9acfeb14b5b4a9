/* SPDX-License-Identifier: MIT
 *
 * Descriptors while another thread forks: each number that a call returns is
 * the lowest free one, nothing is listed that the program has not opened.
 * Natively a fork opens nothing in its parent. The table is also that of a
 * thread which never forks.
 */
#include <sys/resource.h>
#include <sys/socket.h>

#include "numbers.h"

/* What is open in it, but for the numbers that a thread of the parent may be
 * at just now. */
static void look_at_numbers(void)
{
	for (int fd = 3; fd < NUMBERS; fd++) {
		if (is_open[fd] != (fcntl(fd, F_GETFD) >= 0))
			leave(51);
	}
}

static void look_at_list(void)
{
	DIR *list = opendir("/proc/self/fd");
	struct dirent *e;
	int fds = 0, expected = 1;

	for (int fd = 0; fd < NUMBERS; fd++)
		expected += is_open[fd];
	while ((e = readdir(list))) {
		int fd = atoi(e->d_name);

		if (*e->d_name == '.')
			continue;
		fds++;
		if (fd != dirfd(list) && (fd >= NUMBERS || !is_open[fd]))
			leave(52);
	}
	closedir(list);
	leave(fds == expected ? 4 : 53);
}

/* ---- the lowest free number ---- */

static int lowest(int from)
{
	while (is_open[from])
		from++;
	return from;
}

/* The only thread that takes numbers. */
static void *takes_lowest(void *unused)
{
	int first = lowest(0), second = lowest(first + 1);
	int high = lowest(100), low, two[2];

	for (; !stop; rounds++) {
		low = open("/dev/null", O_RDONLY | O_CLOEXEC);
		wrong += low != first;
		two[0] = fcntl(low, F_DUPFD_CLOEXEC, 100);
		wrong += two[0] != high;
		two[1] = dup(low);
		wrong += two[1] != second;
		close(two[0]);
		close(two[1]);
		close(low);
		if (rounds % 2)
			low = pipe2(two, O_CLOEXEC);
		else
			low = socketpair(AF_UNIX, SOCK_STREAM, 0, two);
		wrong += low != 0 || two[0] != first || two[1] != second;
		close(two[0]);
		close(two[1]);
	}
	return unused;
}

START_TEST(lowest_is_taken)
{
	void *(*const threads[])(void *) = {takes_lowest};

	beside(threads, 1, NULL);
}
END_TEST

/* ---- a number that is the last one ---- */

/* All but this one are used: it must be there each time. */
static void *takes_last(void *unused)
{
	for (; !stop; rounds++) {
		int fd = open("/dev/null", O_RDONLY | O_CLOEXEC);

		wrong += fd < 0;
		close(fd);
	}
	return unused;
}

START_TEST(last_is_free)
{
	void *(*const threads[])(void *) = {takes_last};
	struct rlimit limit = {.rlim_cur = 150, .rlim_max = 150};
	int last = 2;

	ck_assert_int_eq(setrlimit(RLIMIT_NOFILE, &limit), 0);
	for (int fd = 0; fd >= 0; fd = dup(0))
		last = fd > last ? fd : last;
	close(last);
	beside(threads, 1, NULL);
}
END_TEST

/* ---- what is listed ---- */

/* Of the process, and of the thread that forks. */
static void *lists(void *unused)
{
	char main_thread[64];
	DIR *list[2];
	struct dirent *e;

	snprintf(main_thread, sizeof(main_thread), "/proc/self/task/%d/fd",
		 getpid());
	list[0] = opendir("/proc/self/fd");
	list[1] = opendir(main_thread);
	for (; !stop; rounds++) {
		DIR *dir = list[rounds % 2];

		rewinddir(dir);
		while ((e = readdir(dir))) {
			int fd = atoi(e->d_name);

			if (*e->d_name != '.' && fd != dirfd(list[0]) &&
			    fd != dirfd(list[1]))
				wrong += fd >= NUMBERS || !is_open[fd];
		}
	}
	closedir(list[0]);
	closedir(list[1]);
	return unused;
}

START_TEST(nothing_listed)
{
	void *(*const threads[])(void *) = {lists};

	beside(threads, 1, NULL);
}
END_TEST

/* ---- in the child ---- */

/* What is open and fixed, while another thread of the parent takes its time:
 * not at a descriptor. */
static void *does_nothing(void *unused)
{
	for (; !stop; rounds++)
		usleep(100);
	return unused;
}

START_TEST(in_child)
{
	void *(*const threads[])(void *) = {does_nothing};

	dup2(0, 64);
	dup2(0, 99);
	dup2(0, 102);
	beside(threads, 1, _i ? look_at_list : look_at_numbers);
}
END_TEST

int main(void)
{
	TCase *tcase = tcase_create("numbers");

	tcase_add_test(tcase, lowest_is_taken);
	tcase_add_test(tcase, last_is_free);
	tcase_add_test(tcase, nothing_listed);
	tcase_add_loop_test(tcase, in_child, 0, 2);
	return run_suite("exact: numbers of descriptors", tcase);
}
