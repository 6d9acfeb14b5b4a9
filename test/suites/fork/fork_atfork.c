/* SPDX-License-Identifier: MIT
 * Handlers of pthread_atfork(), which may fork themselves. */
#include <pthread.h>
#include <spawn.h>

#include "three.h"

extern char **environ;

/* Handlers run in the order POSIX says, once per fork() in parent and child;
 * not for _Fork(). */
static char order[256], *order_end = order;
static bool nested;

static void note(char what)
{
	*order_end++ = what;
	*order_end = '\0';
}

static void prepare_1(void)
{
	note('1');
}

static void prepare_2(void)
{
	note('2');
	if (nested) {
		nested = false;
		three_children();
		nested = true;
	}
}

static void parent_1(void)
{
	note('a');
}

static void parent_2(void)
{
	note('b');
}

static void child_1(void)
{
	heap[1000] = 1;
	note('A');
}

static void child_2(void)
{
	heap[2000] = 2;
	note('B');
}

START_TEST(atfork)
{
	char *expected[] = {"21AB", "21ab"};

	pthread_atfork(prepare_1, parent_1, child_1);
	pthread_atfork(prepare_2, parent_2, child_2);
	for (int n = 0; n < 4; n++) {
		pid_t pid;

		order_end = order;
		pid = fork();
		if (!pid) {
			if (heap[1000] != 1 || heap[2000] != 2 ||
			    strcmp(order, expected[0]))
				_exit(50);
			if (n % 2)
				exec_exit(4);
			_exit(4);
		}
		ck_assert_str_eq(order, expected[1]);
		exits_with(pid, 4);
		ck_assert(heap[1000] == heap_word(1000));
		order_end = order;
		*order = '\0';
		if (!HAS__FORK)
			continue;
		pid = _Fork();
		if (!pid)
			_exit(*order ? 50 : 4);
		ck_assert_str_eq(order, "");
		exits_with(pid, 4);
	}
	nested = true;
	order_end = order;
	three_children();
}
END_TEST

/* ---- handlers that run programs ---- */

static char shows[PATH_MAX];

static void by_spawn(char **args)
{
	pid_t pid;

	if (!posix_spawn(&pid, shows, NULL, NULL, args, environ))
		waitpid(pid, NULL, 0);
}

static void by_vfork(char **args)
{
	pid_t pid = vfork();

	if (!pid) {
		execv(shows, args);
		_exit(99);
	}
	waitpid(pid, NULL, 0);
}

static void by_system(char **args)
{
	char command[2 * PATH_MAX];

	snprintf(command, sizeof(command), "exec %s %s", shows, args[1]);
	if (system(command))
		unlink(args[1]);
}

static void (*const ways[])(char **) = {by_spawn, by_vfork, by_system};

/* Which of the two runs it, by which way. */
static void (*in_prepare)(char **), (*in_parent)(char **);

static void run(void (*way)(char **))
{
	char *args[] = {"show", in_folder("out"), NULL};

	if (way)
		way(args);
}

static void prepare_runs(void)
{
	run(in_prepare);
}

static void parent_runs(void)
{
	run(in_parent);
}

static void has_line(const char *text, const char *line)
{
	ck_assert_msg(strstr(text, line), "no %s in\n%s", line, text);
}

/* With the program's mask, and SIGSYS ignored. */
static void runs_as_ever(void)
{
	pid_t pid = fork();
	char *text;

	if (!pid)
		exec_exit(4);
	exits_with(pid, 4);
	text = slurp(in_folder("out"));
	has_line(text, "SigBlk 800\n");
	has_line(text, "SigIgn 40000000\n");
	has_line(text, "SigCgt 0\n");
	free(text);
	unlink(in_folder("out"));
	ck_assert_ptr_eq(signal(SIGSYS, SIG_IGN), SIG_IGN);
}

START_TEST(handlers_run_programs)
{
	sigset_t set;

	ck_assert_ptr_nonnull(realpath(host("show"), shows));
	pthread_atfork(prepare_runs, parent_runs, NULL);
	signal(SIGSYS, SIG_IGN);
	sigemptyset(&set);
	sigaddset(&set, SIGUSR2);
	sigprocmask(SIG_SETMASK, &set, NULL);
	in_prepare = ways[_i];
	runs_as_ever();
	in_prepare = NULL;
	in_parent = ways[_i];
	runs_as_ever();
}
END_TEST

int main(void)
{
	TCase *tcase = tcase_create("atfork");

	tcase_add_test(tcase, atfork);
	tcase_add_loop_test(tcase, handlers_run_programs, 0, LENGTH(ways));
	return run_suite("fork: handlers of pthread_atfork()", tcase);
}
