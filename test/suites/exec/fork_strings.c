/* SPDX-License-Identifier: MIT
 *
 * The strings of an exec, all over memory that a transaction does not copy: by
 * each function they are as the child has them, who may have changed some,
 * however many they are.
 */
#include "exec_strings.h"

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

int main(int argc UNUSED, char **argv)
{
	TCase *tcase = tcase_create("strings");

	tcase_add_test(tcase, each_way);
	tcase_add_test(tcase, the_childs_own);
	tcase_add_test(tcase, across_chunks);
	tcase_add_test(tcase, many_and_long);
	return run_strings("fork: strings", tcase, argv);
}
