/* SPDX-License-Identifier: MIT
 *
 * Parents of a special kind: whose children nobody waits for, who adopt
 * orphans, who are traced.
 */
#include <sys/ptrace.h>

#include "around.h"

/* Children leave no zombie, and wait() waits for all of them. */
static void nobody_waits(void)
{
	for (int i = 0; i < 3 * LENGTH(ways); i++) {
		pid_t pid = ways[i % LENGTH(ways)]();

		ck_assert_int_gt(pid, 0);
		ck_assert_int_eq(waitpid(pid, NULL, 0), -1);
		ck_assert_int_eq(errno, ECHILD);
		/* It is not waited for before its number is free. */
		while (kill(pid, 0) == 0)
			usleep(1000);
		ck_assert_int_eq(errno, ESRCH);
	}
}

static void ignoring(void)
{
	struct sigaction now;

	signal(SIGCHLD, SIG_IGN);
	nobody_waits();
	sigaction(SIGCHLD, NULL, &now);
	ck_assert_ptr_eq(now.sa_handler, SIG_IGN);
	signal(SIGCHLD, SIG_DFL);
	all_ways();
}

START_TEST(sigchld_ignored)
{
	commits(ignoring);
}
END_TEST

static volatile sig_atomic_t signals;

static void on_child(int sig UNUSED)
{
	signals++;
}

/* One signal for each, though nobody can wait. */
static void with_no_wait(void)
{
	struct sigaction sa = {.sa_handler = on_child,
			       .sa_flags = SA_NOCLDWAIT | SA_RESTART};
	struct sigaction now;

	sigaction(SIGCHLD, &sa, NULL);
	nobody_waits();
	ck_assert_int_eq(signals, 3 * LENGTH(ways));
	sigaction(SIGCHLD, NULL, &now);
	ck_assert(now.sa_flags & SA_NOCLDWAIT);
}

START_TEST(no_child_wait)
{
	commits(with_no_wait);
}
END_TEST

/* The shell leaves, what it has started becomes ours. */
static pid_t shell_by_fork(void)
{
	pid_t pid = fork();

	if (!pid) {
		execl("/bin/sh", "sh", "-c", "(exit 6) & exit 5", NULL);
		_exit(99);
	}
	return pid;
}

static pid_t shell_by_vfork(void)
{
	pid_t pid = vfork();

	if (!pid) {
		execl("/bin/sh", "sh", "-c", "(exit 6) & exit 5", NULL);
		_exit(99);
	}
	return pid;
}

static pid_t shell_by_spawn(void)
{
	char *argv[] = {"sh", "-c", "(exit 6) & exit 5", NULL};
	pid_t pid;

	ck_assert_int_eq(
		posix_spawn(&pid, "/bin/sh", NULL, NULL, argv, environ), 0);
	return pid;
}

static void adopting(void)
{
	static pid_t (*const shells[])(void) = {shell_by_fork, shell_by_vfork,
						shell_by_spawn};
	int status, is = 0;

	ck_assert_int_eq(prctl(PR_SET_CHILD_SUBREAPER, 1), 0);
	all_ways();
	for (int i = 0; i < 3 * LENGTH(shells); i++) {
		exits_with(shells[i % LENGTH(shells)](), 5);
		/* That one only, and no child that was thrown away. */
		ck_assert_int_gt(wait(&status), 0);
		ck_assert_int_eq(status, 6 << 8);
		ck_assert_int_eq(waitpid(-1, NULL, __WALL), -1);
	}
	ck_assert_int_eq(prctl(PR_GET_CHILD_SUBREAPER, &is), 0);
	ck_assert_int_eq(is, 1);
}

START_TEST(subreaper)
{
	commits(adopting);
}
END_TEST

/* A child makes itself one: it is no more than a flag of its own. */
static void become_subreaper(void)
{
	if (prctl(PR_SET_CHILD_SUBREAPER, 1))
		_exit(50);
}

static void child_adopts(void)
{
	int is = 1;

	same_state(become_subreaper);
	ck_assert_int_eq(prctl(PR_GET_CHILD_SUBREAPER, &is), 0);
	ck_assert_int_eq(is, 0);
	all_ways();
}

START_TEST(child_is_subreaper)
{
	commits(child_adopts);
}
END_TEST

/* Lets what it traces run on, and its children, too. */
static void trace(pid_t first)
{
	const long options = PTRACE_O_TRACEFORK | PTRACE_O_TRACEVFORK |
			     PTRACE_O_TRACECLONE | PTRACE_O_TRACEEXEC;
	int status, events = 0;
	pid_t pid;

	ck_assert_int_eq(waitpid(first, &status, 0), first);
	ptrace(PTRACE_SETOPTIONS, first, 0, options);
	ptrace(PTRACE_CONT, first, 0, 0);
	while ((pid = waitpid(-1, &status, __WALL)) > 0) {
		long sig = WIFSTOPPED(status) ? WSTOPSIG(status) : 0;

		ck_assert(pid != first || !WIFEXITED(status) ||
			  WEXITSTATUS(status) == 0);
		/* Ours would be shown to it. */
		ck_assert_int_ne(sig, SIGSYS);
		ck_assert_int_ne(sig, SIGSEGV);
		if (pid == first && status >> 16)
			events++;
		if (sig == SIGTRAP || sig == SIGSTOP)
			sig = 0;
		if (WIFSTOPPED(status))
			ptrace(PTRACE_CONT, pid, 0, sig);
	}
	/* One for each child, as natively. */
	ck_assert_int_eq(events, 3 * LENGTH(ways));
}

static void under_tracer(void)
{
	pid_t pid = fork();

	if (!pid) {
		ptrace(PTRACE_TRACEME, 0, 0, 0);
		raise(SIGSTOP);
		all_ways();
		exit(0);
	}
	trace(pid);
}

START_TEST(traced)
{
	steps_aside(under_tracer, "a debugger or strace is attached");
}
END_TEST

int main(int argc UNUSED, char **argv)
{
	TCase *tcase = tcase_create("children");

	tcase_add_test(tcase, sigchld_ignored);
	tcase_add_test(tcase, no_child_wait);
	tcase_add_test(tcase, subreaper);
	tcase_add_test(tcase, child_is_subreaper);
	tcase_add_test(tcase, traced);
	return run_scenes("around: children", tcase, argv);
}
