/* SPDX-License-Identifier: MIT
 *
 * Children by clone() of a program whose other threads fork and mark memory:
 * they do not wait for a thread that they do not have, and tell of no forks but
 * their own.
 */
#include <sched.h>

#include "around.h"

static void host_with(const char *how, const char *n)
{
	pid_t pid = vfork();

	if (!pid) {
		execl(host("first_clones"), "first_clones", how, n, NULL);
		_exit(99);
	}
	exits_with(pid, 0);
}

START_TEST(told)
{
	for (volatile int i = 0; i < 3; i++)
		host_with("told", "60");
}
END_TEST

/* Each that finds a lock taken waits for a second. */
START_TEST(untold)
{
	host_with("untold", "80");
}
END_TEST

static int leaves(void *unused)
{
	(void)unused;
	exit(4);
}

static void forks_then_clones(void)
{
	static char stack[1 << 16] __attribute__((aligned(16)));

	for (int i = 0; i < 3; i++)
		exits_with(by_fork(), 4);
	exits_with(clone(leaves, stack + sizeof(stack), SIGCHLD, NULL), 4);
}

/* What a child has not made is in its parent's summary alone. */
START_TEST(summary_of_its_own)
{
	char *text, *first;

	if (!play(forks_then_clones) || !preloaded())
		return;
	text = slurp(summary_file);
	first = strstr(text, "(first_clones)");
	by_engines(first && !strstr(first + 1, "(first_clones)"));
	free(text);
}
END_TEST

int main(int argc, char **argv)
{
	TCase *tcase = tcase_create("clones");

	(void)argc;
	tcase_add_test(tcase, told);
	tcase_add_test(tcase, untold);
	tcase_add_test(tcase, summary_of_its_own);
	tcase_set_timeout(tcase, 120);
	return run_scenes("around: clone() beside forks", tcase, argv);
}
