/* SPDX-License-Identifier: MIT
 * A thousand times through each door: nothing is left behind. */
#include <sched.h>
#include <spawn.h>
#include <wordexp.h>

#include "util.h"

extern char **environ;

static char nop[PATH_MAX];

static void set_up(void)
{
	ck_assert_ptr_nonnull(realpath(host("nop"), nop));
}

static void exec_nop(void)
{
	execl(nop, "nop", NULL);
	_exit(99);
}

static int clone_nop(void *arg)
{
	(void)arg;
	exec_nop();
	return 0;
}

static void times_fork(void)
{
	pid_t pid = fork();

	if (!pid)
		exec_nop();
	exits_with(pid, 0);
}

static void times_vfork(void)
{
	pid_t pid = vfork();

	if (!pid)
		exec_nop();
	exits_with(pid, 0);
}

static void times_spawn(void)
{
	char *args[] = {"nop", NULL};
	pid_t pid;

	ck_assert_int_eq(posix_spawn(&pid, nop, NULL, NULL, args, environ), 0);
	exits_with(pid, 0);
	ck_assert_int_eq(
		posix_spawn(&pid, "/nonexistent", NULL, NULL, args, environ),
		ENOENT);
}

static void times_clone(void)
{
	static char stack[64 << 10];

	exits_with(clone(clone_nop, stack + sizeof(stack), SIGCHLD, NULL), 0);
}

static void times_system(void)
{
	ck_assert_int_eq(system(":"), 0);
}

static void times_popen(void)
{
	ck_assert_int_eq(pclose(popen(":", "w")), 0);
	ck_assert_ptr_null(popen(":", "x"));
}

static void times_wordexp(void)
{
	wordexp_t words;

	ck_assert_int_eq(wordexp("$(:)", &words, 0), 0);
	wordfree(&words);
}

static void times_failing_exec(void)
{
	ck_assert_int_eq(execl("/nonexistent", "x", NULL), -1);
	ck_assert_int_eq(syscall(SYS_execve, "/nonexistent", NULL, NULL), -1);
}

static void (*const thousand[])(void) = {
	times_fork,   times_vfork, times_spawn,	  times_clone,
	times_system, times_popen, times_wordexp, times_failing_exec};

static int mappings(void)
{
	static char text[1 << 20];
	int n = 0;

	read_into("/proc/self/maps", text, sizeof(text));
	for (const char *at = text; (at = strchr(at, '\n')); at++)
		n++;
	return n;
}

START_TEST(nothing_is_left)
{
	int fds, maps;

	for (int i = 0; i < 20; i++)
		thousand[_i]();
	fds = open_fds();
	maps = mappings();
	for (int i = 0; i < 1000; i++)
		thousand[_i]();
	ck_assert_int_eq(open_fds(), fds);
	ck_assert_int_le(mappings(), maps);
	ck_assert_int_eq(waitpid(-1, NULL, WNOHANG | __WALL), -1);
	ck_assert_int_eq(errno, ECHILD);
}
END_TEST

int main(void)
{
	TCase *tcase = tcase_create("doors often");

	tcase_add_checked_fixture(tcase, set_up, NULL);
	tcase_add_loop_test(tcase, nothing_is_left, 0, LENGTH(thousand));
	return run_suite("doors_often", tcase);
}
