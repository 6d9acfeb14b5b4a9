/* SPDX-License-Identifier: MIT
 *
 * env_host WAY DOOR PROGRAM OUTPUT null|VARIABLE...: has PROGRAM run with
 * OUTPUT as its argument and that environment by the public function named
 * DOOR, in a child made by WAY: fork, vfork, or none. Exits as PROGRAM does.
 * Instead of variables, "bad N": an environment that cannot be read; exits with
 * 93 if that is what the function says.
 */
#include <errno.h>
#include <fcntl.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

extern char **environ;

static char *program, *output, **variables;

static int status_of(pid_t pid)
{
	int status = -1;

	waitpid(pid, &status, 0);
	return WEXITSTATUS(status);
}

static void
spawn(int (*spawner)(pid_t *, const char *, const posix_spawn_file_actions_t *,
		     const posix_spawnattr_t *, char *const[], char *const[]))
{
	char *argv[] = {program, output, NULL};
	pid_t pid;
	int error = spawner(&pid, program, NULL, NULL, argv, variables);

	if (error)
		_exit(error == EFAULT ? 93 : 96);
	_exit(status_of(pid));
}

static void shell(const char *door)
{
	char command[8192];

	snprintf(command, sizeof(command), "exec '%s' '%s'", program, output);
	environ = variables;
	if (!strcmp(door, "system"))
		_exit(WEXITSTATUS(system(command)));
	_exit(WEXITSTATUS(pclose(popen(command, "r"))));
}

static void without_environment(const char *door)
{
	char *argv[] = {program, output, NULL};

	environ = variables;
	if (!strcmp(door, "execv"))
		execv(program, argv);
	else if (!strcmp(door, "execvp"))
		execvp(program, argv);
	else if (!strcmp(door, "execl"))
		execl(program, program, output, NULL);
	else if (!strcmp(door, "execlp"))
		execlp(program, program, output, NULL);
}

static void pass(const char *door)
{
	char *argv[] = {program, output, NULL};

	if (!strcmp(door, "execve"))
		execve(program, argv, variables);
	else if (!strcmp(door, "execvpe"))
		execvpe(program, argv, variables);
	else if (!strcmp(door, "execle"))
		execle(program, program, output, NULL, variables);
	else if (!strcmp(door, "fexecve"))
		fexecve(open(program, O_RDONLY | O_CLOEXEC), argv, variables);
	else if (!strcmp(door, "syscall"))
		syscall(SYS_execve, program, argv, variables);
	else if (!strcmp(door, "syscall_at"))
		syscall(SYS_execveat, AT_FDCWD, program, argv, variables, 0);
	else if (!strcmp(door, "posix_spawn"))
		spawn(posix_spawn);
	else if (!strcmp(door, "posix_spawnp"))
		spawn(posix_spawnp);
	else if (!strcmp(door, "system") || !strcmp(door, "popen"))
		shell(door);
	else
		without_environment(door);
	_exit(errno == EFAULT ? 93 : 95);
}

/* The end of the list, of a variable, or the whole of it is not there. */
static char **unreadable(int what)
{
	static char *list[] = {"A=1", (char *)16, NULL};
	char *end = mmap(NULL, 8192, PROT_READ | PROT_WRITE,
			 MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	end += 4096;
	mprotect(end, 4096, PROT_NONE);
	if (what == 0)
		return (char **)16;
	if (what == 1)
		return list;
	if (what == 2) {
		memcpy(end - 12, "LD_PRELOAD=a", 12);
		list[1] = end - 12;
		return list;
	}
	((char **)end)[-1] = list[0];
	return (char **)end - 1;
}

int main(int argc, char **argv)
{
	char **before = environ;
	pid_t pid;

	if (argc < 5)
		return 94;
	program = argv[3];
	output = argv[4];
	variables = argv + 5;
	if (argc == 6 && !strcmp(argv[5], "null"))
		variables = NULL;
	if (argc == 7 && !strcmp(argv[5], "bad"))
		variables = unreadable(atoi(argv[6]));
	if (!strcmp(argv[1], "none"))
		pass(argv[2]);
	pid = strcmp(argv[1], "vfork") ? fork() : vfork();
	if (!pid)
		pass(argv[2]);
	environ = before;
	return status_of(pid);
}
