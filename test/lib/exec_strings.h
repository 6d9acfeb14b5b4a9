/* SPDX-License-Identifier: MIT
 *
 * For suites of an exec whose strings are all over memory that a transaction
 * does not copy, and brings in at once where there are many, in other places
 * than those of the child before.
 */
#ifndef TEST_EXEC_STRINGS_H
#define TEST_EXEC_STRINGS_H

#include "around.h"

enum { STRINGS = 50, MANY = 1200, SMALL_CHUNK = 16 << 10 };

static char *variable[MANY + 1], **list;

/* Of all tests, for what is learned in one counts in the next. */
static int *turn;

enum { SLOTS = 1360, IN_A_TURN = 60 };

/* Each in a chunk of its own, two chunks apart, and in another one each turn.
 */
static char *place(int i)
{
	int slot = (i + *turn * IN_A_TURN) % SLOTS;

	return (char *)heap + (size_t)slot * 3 * SMALL_CHUNK + i % 7;
}

/* The second of two children finds them where the first has. */
static void make(int n)
{
	++*turn;
	for (int i = 0; i < n; i++) {
		variable[i] = place(i);
		if (i < STRINGS - 2)
			sprintf(variable[i], "V%d=value-%d", i, i);
		else
			strcpy(variable[i], "OTHER=1");
	}
	strcpy(variable[0], "PATH=/bin:/usr/bin");
	strcpy(variable[STRINGS - 2], "SHOULD=value");
	variable[n] = NULL;
	/* The list itself, too. */
	list = (char **)(void *)((char *)heap + HEAP / 2 - PAGE);
	memcpy(list, variable, ((size_t)n + 1) * sizeof(*list));
}

/* Exits with 4 if all is there, and SHOULD is what it says. */
static char script[] = "i=1\n"
		       "while [ $i -lt 48 ]; do\n"
		       "	eval \"v=\\$V$i\"\n"
		       "	[ \"$v\" = value-$i ] || exit 50\n"
		       "	i=$((i + 1))\n"
		       "done\n"
		       "[ \"$SHOULD\" = \"$0\" ] && exit 4\n"
		       "exit 51";

static char *arguments[] = {"sh", "-c", script, "value", NULL};

static UNUSED void by_execve(void)
{
	execve("/bin/sh", arguments, list);
}

static void by_execvp(void)
{
	environ = list;
	execvp("sh", arguments);
}

static int run_strings(const char *name, TCase *tcase, char **argv)
{
	turn = mmap(NULL, PAGE, PROT_READ | PROT_WRITE,
		    MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	return run_scenes(name, tcase, argv);
}

#endif
