/* SPDX-License-Identifier: MIT
 *
 * The suite's own program, executed again with arguments: a fresh process, in
 * which nothing has forked yet. Its main() begins with again(); what it does
 * then makes no use of Check.
 */
#ifndef TEST_AGAIN_H
#define TEST_AGAIN_H

#include <spawn.h>

#include "util.h"

extern char **environ;

struct part {
	const char *name;
	int (*run)(int argc, char **argv);
};

/* What it finds wrong, and exit status 1. */
#define MUST(condition)                                                      \
	do {                                                                 \
		if (!(condition)) {                                          \
			printf("%s:%d: %s (errno %d)\n", __FILE__, __LINE__, \
			       #condition, errno);                           \
			exit(1);                                             \
		}                                                            \
	} while (0)

/* If the first argument names a part it is run, and that is all. */
static UNUSED void again(int argc, char **argv, const struct part *parts, int n)
{
	for (int i = 0; i < n && argc > 1; i++) {
		if (!strcmp(parts[i].name, argv[1]))
			exit(parts[i].run(argc, argv));
	}
}

/* The wait status of this program with these arguments, and with this setting,
 * or without it: NAME=VALUE, NAME, or NULL. */
static UNUSED int run_again(char **argv, const char *setting)
{
	pid_t pid = fork();

	if (!pid) {
		char *name = strdup(setting ? setting : "");

		if (strchr(name, '='))
			putenv(name);
		else if (*name)
			unsetenv(name);
		execv("/proc/self/exe", argv);
		_exit(99);
	}
	return wait_for(pid);
}

/* A heap that makes a fork worth a transaction. */
static UNUSED void grow(size_t size)
{
	char *at = mmap(NULL, size, PROT_READ | PROT_WRITE,
			MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	MUST(at != MAP_FAILED);
	memset(at, 1, size);
}

#endif
