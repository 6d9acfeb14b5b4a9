/* SPDX-License-Identifier: MIT
 *
 * strings PROGRAM: forks 12 times from 64 MB of memory, and each child executes
 * PROGRAM with an environment of 60 variables, which are all over that memory,
 * and in other places each time.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

enum { FORKS = 12, VARIABLES = 60, MB = 1 << 20, SIZE = 64 * MB };
enum { STEP = 32 << 10 };

static void make(char **list, char *at)
{
	for (int i = 0; i < VARIABLES; i++, at += MB) {
		list[i] = at;
		snprintf(at, STEP, "V%d=%d", i, i);
	}
	list[VARIABLES] = NULL;
}

int main(int argc, char **argv)
{
	char *memory = mmap(NULL, SIZE, PROT_READ | PROT_WRITE,
			    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	char *list[VARIABLES + 1], *arguments[] = {"program", NULL};
	int status;

	if (argc != 2 || memory == MAP_FAILED)
		return 2;
	memset(memory, 1, SIZE);
	for (int n = 0; n < FORKS; n++) {
		pid_t pid;

		make(list, memory + MB + n * STEP);
		pid = fork();
		if (!pid) {
			environ = list;
			execvp(argv[1], arguments);
			_exit(99);
		}
		if (waitpid(pid, &status, 0) != pid || status)
			return 1;
	}
	return 0;
}
