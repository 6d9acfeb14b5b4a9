/* SPDX-License-Identifier: MIT
 *
 * The strings of an exec, all over memory that a transaction does not copy, and
 * brings in at once where there are many, in other places than those of the
 * child before: as the child has them, who may have changed some, and with the
 * errors that there would be.
 */
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

static void by_execve(void)
{
	execve("/bin/sh", arguments, list);
}

static void by_execvp(void)
{
	environ = list;
	execvp("sh", arguments);
}

static void by_execvpe(void)
{
	execvpe("sh", arguments, list);
}

static void by_execlp(void)
{
	environ = list;
	execlp("sh", "sh", "-c", script, "value", NULL);
}

static void by_execv(void)
{
	environ = list;
	execv("/bin/sh", arguments);
}

static void by_execle(void)
{
	execle("/bin/sh", "sh", "-c", script, "value", NULL, list);
}

static void by_call(void)
{
	syscall(SYS_execve, "/bin/sh", arguments, list);
}

static void by_execveat(void)
{
	syscall(SYS_execveat, AT_FDCWD, "/bin/sh", arguments, list, 0);
}

static void (*const functions[])(void) = {by_execve, by_execvp,	 by_execvpe,
					  by_execlp, by_execv,	 by_execle,
					  by_call,   by_execveat};

static void by_each_way(void)
{
	for (int i = 0; i < LENGTH(functions); i++) {
		make(STRINGS);
		both_exit(functions[i], 4);
	}
}

START_TEST(each_way)
{
	commits(by_each_way);
}
END_TEST

/* What the child has written: one string, beside one, and another list. */
static void changed(void)
{
	arguments[3] = "other";
	strcpy(list[STRINGS - 2], "SHOULD=other");
	place(20)[100] = 'z';
	list[21] = "V21=value-21";
	by_execvp();
}

static void that_are_changed(void)
{
	make(STRINGS);
	both_exit(changed, 4);
}

START_TEST(the_childs_own)
{
	commits(that_are_changed);
}
END_TEST

/* The rest of a string that begins in a chunk which the child has not touched.
 */
static char *border;

static void changed_behind(void)
{
	border[1] = 'X';
	arguments[3] = "valXe";
	by_execve();
}

static void make_across(void)
{
	make(STRINGS);
	border = place(0) - SMALL_CHUNK;
	list[STRINGS - 2] = strcpy(border - 9, "SHOULD=value");
}

static void that_cross_a_border(void)
{
	void (*const by[])(void) = {by_execve, by_execvp, changed_behind};

	for (int i = 0; i < LENGTH(by); i++) {
		make_across();
		both_exit(by[i], 4);
	}
}

START_TEST(across_chunks)
{
	commits(that_cross_a_border);
}
END_TEST

/* More than are taken at once, and one of more than a chunk. */
static void that_are_many(void)
{
	char *large = (char *)heap + HEAP - 8 * SMALL_CHUNK;

	make(600);
	both_exit(by_execve, 4);
	make(MANY);
	both_exit(by_execvp, 4);
	make(300);
	for (int i = STRINGS; i < 300; i++)
		sprintf(list[i], "OTHER=%0100d", i);
	both_exit(by_execvp, 4);
	make(STRINGS);
	memset(large, 'x', 3 * SMALL_CHUNK);
	memcpy(large, "V=", 2);
	large[3 * SMALL_CHUNK] = '\0';
	list[STRINGS] = large;
	list[STRINGS + 1] = NULL;
	both_exit(by_execve, 4);
}

START_TEST(many_and_long)
{
	commits(that_are_many);
}
END_TEST

/* Nothing of it is to be seen after an exec that has failed. */
static void after_a_failure(void)
{
	char **before;

	environ = list;
	before = environ;
	if (execvp("no-such-file", arguments) != -1 || errno != ENOENT ||
	    environ != before || environ[20] != place(20) ||
	    strcmp(environ[20], "V20=value-20") != 0)
		_exit(52);
	if (execve("/no/such/file", arguments, list) != -1 || errno != ENOENT)
		_exit(53);
	if (strcmp(getenv("V30"), "value-30") != 0)
		_exit(54);
	by_execvp();
}

static void that_is_tried_again(void)
{
	make(STRINGS);
	both_exit(after_a_failure, 4);
}

START_TEST(tried_again)
{
	commits(that_is_tried_again);
}
END_TEST

/* One that is nowhere, one that may not be read, one without an end. */
static void bad(void)
{
	_exit(execve("/bin/sh", arguments, list) == -1 && errno == EFAULT ? 4
									  : 50);
}

static void that_are_bad(void)
{
	char *hole = (char *)heap + HEAP / 2 + 64 * SMALL_CHUNK;

	make(STRINGS);
	list[25] = (char *)8;
	both_exit(bad, 4);
	mprotect(hole, 4 * SMALL_CHUNK, PROT_NONE);
	list[25] = hole + 100;
	both_exit(bad, 4);
	list[25] = memset(hole - 10, 'x', 10);
	both_exit(bad, 4);
	munmap(hole, 4 * SMALL_CHUNK);
	both_exit(bad, 4);
	list[25] = hole + 100;
	both_exit(bad, 4);
}

START_TEST(bad_ones)
{
	works(that_are_bad);
}
END_TEST

int main(int argc UNUSED, char **argv)
{
	TCase *tcase = tcase_create("strings");

	turn = mmap(NULL, PAGE, PROT_READ | PROT_WRITE,
		    MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	tcase_add_test(tcase, each_way);
	tcase_add_test(tcase, the_childs_own);
	tcase_add_test(tcase, across_chunks);
	tcase_add_test(tcase, many_and_long);
	tcase_add_test(tcase, tried_again);
	tcase_add_test(tcase, bad_ones);
	return run_scenes("fork: strings", tcase, argv);
}
