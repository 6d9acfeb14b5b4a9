/* SPDX-License-Identifier: MIT
 *
 * Children that become a program, made in every way that there is.
 */
#ifndef TEST_CHILDREN_H
#define TEST_CHILDREN_H

#include <spawn.h>

#include "state.h"

extern char **environ;

/* A static program that other users reach, too. */
static const char *program UNUSED;

static UNUSED void become_program(void)
{
	execl(program, "state", "exit", "4", NULL);
	_exit(99);
}

static UNUSED pid_t by_fork(void)
{
	pid_t pid = fork();

	if (!pid)
		become_program();
	return pid;
}

/* From another place than those that exec, because places are remembered. */
static UNUSED pid_t by_fork_alone(void)
{
	pid_t pid = fork();

	if (!pid)
		_exit(heap[123456] == heap_word(123456) ? 4 : 50);
	return pid;
}

static UNUSED pid_t by__Fork(void)
{
	pid_t pid = _Fork();

	if (!pid)
		become_program();
	return pid;
}

static UNUSED pid_t by_vfork(void)
{
	pid_t pid = vfork();

	if (!pid)
		become_program();
	return pid;
}

static UNUSED pid_t by_spawn(void)
{
	char *argv[] = {"state", "exit", "4", NULL};
	pid_t pid;
	int error = posix_spawn(&pid, program, NULL, NULL, argv, environ);

	if (!error)
		return pid;
	errno = error;
	return -1;
}

static pid_t (*const ways[])(void) UNUSED = {by_fork, by__Fork, by_vfork,
					     by_spawn, by_fork_alone};

static UNUSED void all_ways(void)
{
	for (int n = 0; n < 3; n++) {
		for (int i = 0; i < LENGTH(ways); i++)
			exits_with(ways[i](), 4);
	}
	ck_assert(heap[123456] == heap_word(123456));
	ck_assert_int_eq(waitpid(-1, NULL, WNOHANG | __WALL), -1);
	ck_assert_int_eq(errno, ECHILD);
}

#endif
