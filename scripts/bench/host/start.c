/* SPDX-License-Identifier: MIT
 * The ways in which the program starts its child. */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <sched.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "host.h"

static char *const nop[] = {"./nop", NULL};
extern char **environ;

static void child(void)
{
	execve(nop[0], nop, environ);
	_exit(127);
}

static pid_t by_fork(void)
{
	pid_t pid = fork();

	if (pid == 0)
		child();
	return pid;
}

static pid_t by_vfork(void)
{
	pid_t pid = vfork();

	if (pid == 0)
		child();
	return pid;
}

static pid_t by_posix_spawn(void)
{
	pid_t pid;

	errno = posix_spawn(&pid, nop[0], NULL, NULL, nop, environ);
	return errno ? -1 : pid;
}

/* With five of what callers mostly ask for. */
static pid_t by_spawn_actions(void)
{
	posix_spawn_file_actions_t actions;
	pid_t pid;

	posix_spawn_file_actions_init(&actions);
	posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0);
	posix_spawn_file_actions_adddup2(&actions, 2, 7);
	posix_spawn_file_actions_adddup2(&actions, 7, 8);
	posix_spawn_file_actions_addclose(&actions, 7);
	posix_spawn_file_actions_addclose(&actions, 8);
	errno = posix_spawn(&pid, nop[0], &actions, NULL, nop, environ);
	posix_spawn_file_actions_destroy(&actions);
	return errno ? -1 : pid;
}

/* Returns when the child has been reaped. */
static pid_t by_system(void)
{
	int status = system(nop[0]);

	if (status > 0)
		errno = ECHILD;
	return status ? -1 : 0;
}

/* What a fork() that copies the memory it needs cannot go below: the big memory
 * left out by hand, a clone that returns when the child has exec'd, nothing
 * else. The library does not see it. */
static pid_t by_floor(void)
{
#ifdef SYS_clone
	long pid;

	memory_leave_out(true);
	/* Of the CPUs on which these are not the first two arguments in this
	 * order none is asked for a stack. */
	pid = syscall(SYS_clone, CLONE_VFORK | SIGCHLD, 0L, 0L, 0L, 0L);
	if (pid == 0) {
		syscall(SYS_execve, nop[0], nop, environ);
		syscall(SYS_exit_group, 127);
	}
	memory_leave_out(false);
	return (pid_t)pid;
#else
	errno = ENOSYS;
	return -1;
#endif
}

/* A program linked dynamically, with nothing in its environment but
 * LOAD_PRELOAD as LD_PRELOAD: what it costs to load that. */
static pid_t by_load(void)
{
	static char preload[PATH_MAX];
	const char *library = getenv("LOAD_PRELOAD"), *command = getenv("TRUE");
	static char *argv[] = {"true", NULL}, *envp[] = {NULL, NULL};
	static const char *path;
	pid_t pid;

	path = command ? command : "/bin/true";
	if (library) {
		snprintf(preload, sizeof(preload), "LD_PRELOAD=%s", library);
		envp[0] = preload;
	}
	pid = vfork();
	if (pid == 0) {
		execve(path, argv, envp);
		_exit(127);
	}
	return pid;
}

/* A child that goes on without exec. */
static pid_t by_exit(void)
{
	pid_t pid = fork();

	if (pid == 0)
		_exit(0);
	return pid;
}

/* And one that does something that others notice first. */
static pid_t by_write(void)
{
	static int end[2];
	pid_t pid;

	if (!end[1] && pipe(end))
		return -1;
	pid = fork();
	if (pid == 0)
		_exit(write(end[1], "", 1) != 1);
	if (pid > 0 && read(end[0], &(char){0}, 1) != 1)
		return -1;
	return pid;
}

const struct method *method_of(const char *name)
{
	static const struct method methods[] = {
		{"fork", by_fork},
		{"vfork", by_vfork},
		{"posix_spawn", by_posix_spawn},
		{"spawn_actions", by_spawn_actions},
		{"system", by_system},
		{"floor", by_floor},
		{"load", by_load},
		{"exit", by_exit},
		{"write", by_write},
	};

	for (size_t i = 0; i < sizeof(methods) / sizeof(*methods); i++) {
		if (!strcmp(methods[i].name, name))
			return &methods[i];
	}
	return NULL;
}
