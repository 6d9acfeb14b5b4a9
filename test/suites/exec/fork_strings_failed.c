/* SPDX-License-Identifier: MIT
 *
 * An exec that fails, whose strings are all over memory that a transaction does
 * not copy: with the error that there would be, and nothing of what was brought
 * in for it is to be seen.
 */
#include "exec_strings.h"

/* Its list is what it was; then it finds its program. */
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

	tcase_add_test(tcase, tried_again);
	tcase_add_test(tcase, bad_ones);
	return run_strings("fork: strings of an exec that fails", tcase, argv);
}
