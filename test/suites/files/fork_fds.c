/* SPDX-License-Identifier: MIT
 *
 * File descriptors that the child sweeps, and pipes between it and its parent.
 */
#include <dirent.h>

#include "state.h"

static void nothing(void)
{
}

static void close_by_range(void)
{
	close_range(3, ~0U, 0);
}

static void mark_by_range(void)
{
	close_range(3, ~0U, CLOSE_RANGE_CLOEXEC);
}

static void close_unshared(void)
{
	close_range(0, ~0U, CLOSE_RANGE_UNSHARE);
}

static void close_by_libc(void)
{
	closefrom(1);
}

static void close_by_loop(void)
{
	for (int fd = 3; fd < 2000; fd++)
		close(fd);
}

static void mark_by_loop(void)
{
	for (int fd = 0; fd < 2000; fd++)
		fcntl(fd, F_SETFD, FD_CLOEXEC);
}

/* As GLib and CPython do. */
static void close_by_listing(void)
{
	DIR *list = opendir("/proc/self/fd");
	struct dirent *entry;

	while (list && (entry = readdir(list))) {
		int fd = atoi(entry->d_name);

		if (fd > 2 && fd != dirfd(list))
			close(fd);
	}
	closedir(list);
}

/* Onto every number: a descriptor of the library's own would be lost. */
static void overwrite_all(void)
{
	int null = open("/dev/null", O_RDONLY);

	for (int fd = 0; fd < 1500; fd++)
		dup2(null, fd);
}

static void open_many(void)
{
	for (int n = 0; n < 900; n++)
		open("/dev/null", O_RDONLY);
	fcntl(0, F_DUPFD, 900);
	fcntl(0, F_DUPFD, 1000);
	dup(1);
}

static void (*const sweeps[])(void) = {
	nothing,       close_by_range, mark_by_range, close_unshared,
	close_by_libc, close_by_loop,  mark_by_loop,  close_by_listing,
	overwrite_all, open_many};

/* Each followed by a use of memory not yet copied: by the exec's strings. */
START_TEST(sweep)
{
	dup2(0, 300);
	dup2(0, 1023);
	fcntl(dup2(0, 1022), F_SETFD, FD_CLOEXEC);
	same_state(sweeps[_i]);
}
END_TEST

/* Errors are the kernel's. What is wrong is told by exec: an exit would make it
 * a true fork. */
static void wrong_numbers(void)
{
	for (int fd = 600; fd < 2000; fd++) {
		if (close(fd) != -1 || errno != EBADF)
			exec_exit_static(50);
		if (fcntl(fd, F_GETFD) != -1 || errno != EBADF)
			exec_exit_static(51);
		if (dup(fd) != -1 || errno != EBADF)
			exec_exit_static(52);
	}
	/* The library has one here, which steps aside if need be. */
	for (int fd = 90; fd < 250; fd++) {
		if (dup2(fd + 1, fd) != -1 || errno != EBADF)
			exec_exit_static(56);
	}
	if (dup2(0, 1 << 30) != -1 || errno != EBADF)
		exec_exit_static(53);
	if (dup2(-1, 3) != -1 || errno != EBADF)
		exec_exit_static(54);
	if (close_range(5, 4, 0) != -1 || errno != EINVAL)
		exec_exit_static(55);
	exec_exit(4);
}

START_TEST(errors)
{
	both_exit(wrong_numbers, 4);
}
END_TEST

/* A conversation with a filter, three processes, no end left open. */
START_TEST(conversation)
{
	char text[20] = "";
	int to[2], from[2], up[2];
	pid_t pid, upper;

	ck_assert_int_eq(pipe(to) | pipe(up) | pipe(from), 0);
	pid = fork();
	if (!pid) {
		dup2(to[0], 0);
		dup2(up[1], 1);
		close_range(3, ~0U, 0);
		execlp("cat", "cat", "-", NULL);
		_exit(99);
	}
	upper = fork();
	if (!upper) {
		dup2(up[0], 0);
		dup2(from[1], 1);
		close_by_listing();
		execlp("tr", "tr", "a-z", "A-Z", NULL);
		_exit(99);
	}
	close(to[0]);
	close(up[0]);
	close(up[1]);
	close(from[1]);
	ck_assert_int_eq(write(to[1], "hello", 5), 5);
	close(to[1]);
	exits_with(pid, 0);
	exits_with(upper, 0);
	ck_assert_int_eq(read(from[0], text, sizeof(text)), 5);
	ck_assert_str_eq(text, "HELLO");
	ck_assert_int_eq(read(from[0], text, sizeof(text)), 0);
}
END_TEST

/* The common way to learn that exec worked: the pipe ends with it. */
START_TEST(exec_report)
{
	for (int n = 0; n < 30; n++) {
		int fds[2], error = 0;
		pid_t pid;

		ck_assert_int_eq(pipe2(fds, O_CLOEXEC), 0);
		pid = fork();
		if (!pid) {
			execl(n % 3 ? "/bin/true" : "/bin/nothing", "x", NULL);
			error = errno;
			(void)!write(fds[1], &error, sizeof(error));
			_exit(127);
		}
		close(fds[1]);
		ck_assert_int_eq(read(fds[0], &error, sizeof(error)),
				 n % 3 ? 0 : sizeof(error));
		ck_assert_int_eq(error, n % 3 ? 0 : ENOENT);
		exits_with(pid, n % 3 ? 0 : 127);
		close(fds[0]);
	}
}
END_TEST

int main(void)
{
	TCase *tcase = tcase_create("descriptors");

	tcase_add_loop_test(tcase, sweep, 0, LENGTH(sweeps));
	tcase_add_test(tcase, errors);
	tcase_add_test(tcase, conversation);
	tcase_add_test(tcase, exec_report);
	return run_suite("fork: descriptors", tcase);
}
