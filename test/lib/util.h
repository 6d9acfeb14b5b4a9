/* SPDX-License-Identifier: MIT
 *
 * What the suites share. Every suite has a big heap from the start, so that a
 * fork() is worth a transaction in auto mode; Check's own fork per test copies
 * it along.
 */
#ifndef TEST_UTIL_H
#define TEST_UTIL_H

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "case.h"
#include "folder.h"
#include "old_libc.h"
#include "port.h"

enum { PAGE = 4096, CHUNK = 64 << 10, HEAP = 64 << 20 };

/* HEAP bytes, the word at index i being heap_word(i). Set by run_suite(). */
static uint64_t *heap UNUSED;

static inline uint64_t heap_word(uint64_t i)
{
	return (i + 1) * 0x9e3779b97f4a7c15;
}

static UNUSED uint64_t checksum(const uint64_t *words, size_t n)
{
	uint64_t sum = 0;

	for (size_t i = 0; i < n; i++)
		sum = sum * 31 + words[i];
	return sum;
}

/* ck_assert() writes a message each time, passed or not: not for loops. */
static UNUSED bool heap_intact(void)
{
	for (size_t i = 0; i < HEAP / sizeof(*heap); i++) {
		if (heap[i] != heap_word(i))
			return false;
	}
	return true;
}

static UNUSED bool all_bytes(const volatile char *bytes, size_t n, char value)
{
	for (size_t i = 0; i < n; i++) {
		if (bytes[i] != value)
			return false;
	}
	return true;
}

/* A child that the library under test cannot know of: the kernel's own idea
 * of fork. libc's state in it is as in the child of vfork. */
static UNUSED pid_t raw_fork(void)
{
	long args[2] = {0, 0};

	args[VS_CLONE_FLAGS] = SIGCHLD;
	return (pid_t)vs_sys(SYS_clone, args[0], args[1], 0, 0, 0);
}

static UNUSED int wait_for(pid_t pid)
{
	int status = -1;

	ck_assert_msg(pid > 0, "no child: %s", strerror(errno));
	while (waitpid(pid, &status, 0) != pid)
		ck_assert_int_eq(errno, EINTR);
	return status;
}

static UNUSED void exits_with(pid_t pid, int code)
{
	int status = wait_for(pid);

	ck_assert_msg(WIFEXITED(status) && WEXITSTATUS(status) == code,
		      "wait status %#x instead of exit %d", status, code);
}

static UNUSED void dies_by(pid_t pid, int sig)
{
	int status = wait_for(pid);

	ck_assert_msg(WIFSIGNALED(status) && WTERMSIG(status) == sig,
		      "wait status %#x instead of signal %d", status, sig);
}

/* Children execute `child`, which may leave by exec, then exit with 99: by
 * each of fork and _Fork one that has to exit with `code`. */
static UNUSED void both_exit(void (*child)(void), int code)
{
	static pid_t (*const forkers[])(void) = {fork, _Fork};

	for (int i = 0; i < 2; i++) {
		pid_t pid = forkers[i]();

		if (!pid) {
			child();
			_exit(99);
		}
		exits_with(pid, code);
	}
}

/* Become a program that exits with `code`. */
static UNUSED void exec_exit(int code)
{
	char command[32];

	snprintf(command, sizeof(command), "exit %d", code);
	execl("/bin/sh", "sh", "-c", command, NULL);
}

/* The path of a host program, valid until the next call. */
static UNUSED const char *host(const char *name)
{
	static char path[PATH_MAX];
	const char *hosts = getenv("VSPAWN_TEST_HOSTS");

	snprintf(path, sizeof(path), "%s/%s", hosts ? hosts : "build/hosts",
		 name);
	return path;
}

/* The same with a program that needs no descriptor to start. */
static UNUSED void exec_exit_static(int code)
{
	char text[16];

	snprintf(text, sizeof(text), "%d", code);
	execl(host("state"), "state", "exit", text, NULL);
}

/* The number of open descriptors. */
static UNUSED int open_fds(void)
{
	int n = 0;

	for (int fd = 0; fd < 4096; fd++)
		n += fcntl(fd, F_GETFD) >= 0;
	return n;
}

/* Runs the tests of `tcase`; main's exit status. */
static UNUSED int run_suite(const char *name, TCase *tcase)
{
	Suite *suite = suite_create(name);
	SRunner *runner = srunner_create(suite);
	pid_t self = getpid();
	char command[128];
	int failed;

	heap = mmap(NULL, HEAP, PROT_READ | PROT_WRITE,
		    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (heap == MAP_FAILED) {
		perror("memory of the test");
		return 2;
	}
	for (size_t i = 0; i < HEAP / sizeof(*heap); i++)
		heap[i] = heap_word(i);
	if (!make_folder())
		return 2;
	suite_add_tcase(suite, tcase);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	snprintf(command, sizeof(command), "rm -rf %s", folder);
	if (getpid() == self && system(command))
		return 2;
	return failed ? 1 : 0;
}

#endif
