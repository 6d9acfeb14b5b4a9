/* SPDX-License-Identifier: MIT
 *
 * What a program finds when it starts, by hosts/state.c; and how to start it
 * where other users and other roots cannot reach the build tree.
 */
#ifndef TEST_STATE_H
#define TEST_STATE_H

#include "util.h"

/* A copy in `folder`, because other users may not reach the build tree. */
static UNUSED const char *shared_host(const char *name)
{
	char *path = in_folder(name), command[PATH_MAX + 256];

	snprintf(command, sizeof(command), "cp '%s' '%s' && chmod 755 '%s'",
		 host(name), path, path);
	if (access(path, X_OK))
		ck_assert_int_eq(system(command), 0);
	return path;
}

/* Runs fork() from `forker`, `prepare` in the child, then the program that
 * writes down its own state; returns what it wrote. */
static UNUSED char *state_after(pid_t (*forker)(void), void (*prepare)(void))
{
	char *file = in_folder("state.out");
	const char *program = shared_host("state");
	int fd = open(file, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
	pid_t pid;

	ck_assert_int_ge(fd, 0);
	ck_assert_int_eq(fchmod(fd, 0666), 0);
	close(fd);
	pid = forker();
	if (!pid) {
		prepare();
		execl(program, "state", file, "argument", "", NULL);
		_exit(99);
	}
	exits_with(pid, 0);
	return slurp(file);
}

/* A child by fork() ends in the state that a child by the system call has. */
static UNUSED void same_state(void (*prepare)(void))
{
	char *expected = state_after(raw_fork, prepare);
	char *got = state_after(fork, prepare);

	ck_assert_int_gt(strlen(expected), 100);
	same_text(got, expected);
	free(expected);
	free(got);
}

#endif
