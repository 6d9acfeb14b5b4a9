/* SPDX-License-Identifier: MIT
 *
 * large PROGRAM GB MB: a process with so many GB of memory that it may write
 * to, and MB that it has written to, has PROGRAM run in each way and says what
 * became of that.
 */
#include <errno.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

extern char **environ;

static const char *program;
static char *memory;

static void become(void)
{
	char *argv[] = {(char *)program, NULL};

	execve(program, argv, environ);
	_exit(127);
}

static pid_t by_fork(void)
{
	pid_t pid = fork();

	if (!pid)
		become();
	return pid;
}

static pid_t by_fork_alone(void)
{
	pid_t pid = fork();

	if (!pid)
		_exit(memory[4096]);
	return pid;
}

static pid_t by_vfork(void)
{
	pid_t pid = vfork();

	if (!pid)
		become();
	return pid;
}

static pid_t by_spawn(void)
{
	char *argv[] = {(char *)program, NULL};
	pid_t pid;
	int error = posix_spawn(&pid, program, NULL, NULL, argv, environ);

	errno = error;
	return error ? -1 : pid;
}

static void try(const char *way, pid_t (*make)(void))
{
	int status;
	pid_t pid;

	for (int n = 0; n < 3; n++) {
		pid = make();
		if (pid < 0)
			printf("%s: %s\n", way, strerror(errno));
		else if (waitpid(pid, &status, 0) != pid)
			printf("%s: lost\n", way);
		else
			printf("%s: status %#x\n", way, (unsigned)status);
	}
	fflush(stdout);
}

static char *map(size_t size)
{
	char *at = mmap(NULL, size, PROT_READ | PROT_WRITE,
			MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (at == MAP_FAILED) {
		perror("mmap");
		exit(2);
	}
	return at;
}

int main(int argc, char **argv)
{
	const size_t piece = 64;
	size_t mb;

	if (argc != 4)
		return 2;
	program = argv[1];
	mb = strtoul(argv[3], NULL, 10);
	memory = map(mb << 20);
	memset(memory, 'm', mb << 20);
	for (size_t gb = strtoul(argv[2], NULL, 10); gb >= piece; gb -= piece)
		map(piece << 30);
	try("fork, exec", by_fork);
	try("vfork, exec", by_vfork);
	try("posix_spawn", by_spawn);
	try("fork", by_fork_alone);
	return memory[(mb << 20) - 1] != 'm';
}
