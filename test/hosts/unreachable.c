/* SPDX-License-Identifier: MIT
 *
 * unreachable ROOT WHERE HOW PROGRAM: runs PROGRAM, which is in the folder
 * ROOT, with that as its root, some times.
 *
 * WHERE: inside, the child goes there (not by posix_spawn(), which has no
 * action for it); self, this process has gone there; number, it has by the
 * system call. HOW: fork, vfork, spawn.
 */
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

enum { SIZE = 64 << 20, COUNT = 3 };

static const char *root, *program, *how;
static int in_child;
static char *args[] = {"program", "exit", "4", NULL};

static void go_in(void)
{
	if (chroot(root) || chdir("/"))
		_exit(96);
}

static void become(void)
{
	if (in_child)
		go_in();
	execve(program, args, environ);
	_exit(98);
}

static pid_t child(void)
{
	pid_t pid = -1;

	if (!strcmp(how, "spawn")) {
		posix_spawn(&pid, program, NULL, NULL, args, environ);
	} else if (!strcmp(how, "vfork")) {
		pid = vfork();
		if (!pid)
			become();
	} else {
		pid = fork();
		if (!pid)
			become();
	}
	return pid;
}

int main(int argc, char **argv)
{
	if (argc != 5)
		return 2;
	root = argv[1];
	how = argv[3];
	program = argv[4];
	memset(mmap(NULL, SIZE, PROT_READ | PROT_WRITE,
		    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0),
	       1, SIZE);
	in_child = !strcmp(argv[2], "inside");
	if (!strcmp(argv[2], "number")) {
		if (syscall(SYS_chroot, root) || chdir("/"))
			return 2;
	} else if (!in_child) {
		go_in();
	}
	for (int i = 0; i < COUNT; i++) {
		int status = -1;
		pid_t pid = child();

		if (pid < 0 || waitpid(pid, &status, 0) != pid)
			return 3;
		printf("%s %s: %#x\n", argv[2], how, (unsigned)status);
	}
	return 0;
}
