/* SPDX-License-Identifier: MIT
 *
 * hugetlb PROGRAM PAGES: a process with a heap of huge pages, and some that it
 * shares, has children that read and write both, run PROGRAM or do not, and
 * says what became of them.
 */
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

extern char **environ;

enum { HUGE_PAGE = 2 << 20, HEAP = 64 << 20 };

static char *program;
static volatile char *heap, *shared;
static size_t size;

static volatile char *map(size_t length, int flags)
{
	char *at = mmap(NULL, length, PROT_READ | PROT_WRITE,
			MAP_ANONYMOUS | flags, -1, 0);

	if (at == MAP_FAILED) {
		perror("mmap");
		exit(77);
	}
	memset(at, 'h', length);
	return at;
}

static void become(void)
{
	char *argv[] = {program, NULL};

	execve(program, argv, environ);
	_exit(127);
}

static void reads(void)
{
	if (heap[size - 1] != 'h' || shared[5] != 'h')
		_exit(3);
	become();
}

static void writes(void)
{
	heap[size / 2]++;
	if (heap[size / 2] != 'i')
		_exit(3);
	become();
}

static void writes_shared(void)
{
	shared[6]++;
	become();
}

static void writes_alone(void)
{
	heap[size / 2]++;
	_exit(heap[size / 2] == 'i' ? 0 : 3);
}

static int spawn(void)
{
	char *argv[] = {program, NULL};
	int status = -1;
	pid_t pid;

	if (!posix_spawn(&pid, program, NULL, NULL, argv, environ))
		waitpid(pid, &status, 0);
	return status;
}

static int by_vfork(void)
{
	int status = -1;
	pid_t pid = vfork();

	if (!pid)
		become();
	waitpid(pid, &status, 0);
	return status;
}

static void say(const char *what, int status)
{
	printf("%s: %#x, then %c %c\n", what, (unsigned)status, heap[size / 2],
	       shared[6]);
	fflush(stdout);
}

static void try(const char *what, void (*child)(void))
{
	for (int n = 0; n < 3; n++) {
		int status = -1;
		pid_t pid = fork();

		if (!pid)
			child();
		waitpid(pid, &status, 0);
		say(what, status);
	}
}

int main(int argc, char **argv)
{
	if (argc != 3)
		return 2;
	program = argv[1];
	size = strtoul(argv[2], NULL, 10) * HUGE_PAGE;
	map(HEAP, MAP_PRIVATE);
	heap = map(size, MAP_PRIVATE | MAP_HUGETLB);
	shared = map(HUGE_PAGE, MAP_SHARED | MAP_HUGETLB);
	try("execs", become);
	try("reads, execs", reads);
	try("writes, execs", writes);
	try("writes to shared, execs", writes_shared);
	try("writes", writes_alone);
	say("vfork", by_vfork());
	say("posix_spawn", spawn());
	return 0;
}
