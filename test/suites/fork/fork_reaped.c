/* SPDX-License-Identifier: MIT
 *
 * What the parent hears of children that end: each death once, by a signal and
 * to who waits, and nothing of a child that fork() has not returned.
 */
#include <pthread.h>

#include "util.h"

static volatile int signals, sender_wrong;
static volatile pid_t expected_sender;

static void on_child(int sig UNUSED, siginfo_t *info, void *context UNUSED)
{
	signals++;
	if (info->si_code != CLD_EXITED || info->si_status != 4)
		sender_wrong++;
	expected_sender = info->si_pid;
}

START_TEST(one_signal_each)
{
	struct sigaction sa = {.sa_sigaction = on_child,
			       .sa_flags = SA_SIGINFO | SA_NOCLDSTOP};
	pid_t pid;

	sigaction(SIGCHLD, &sa, NULL);
	for (int n = 1; n <= 60; n++) {
		pid = fork();
		if (!pid) {
			if (n % 3)
				exec_exit(4);
			_exit(4);
		}
		exits_with(pid, 4);
		ck_assert_int_eq(signals, n);
		ck_assert_int_eq(expected_sender, pid);
	}
	ck_assert_int_eq(sender_wrong, 0);
	ck_assert_int_eq(waitpid(-1, NULL, WNOHANG), -1);
	ck_assert_int_eq(errno, ECHILD);
	ck_assert_int_eq(waitpid(-1, NULL, WNOHANG | __WALL), -1);
}
END_TEST

/* Another thread waits for anything, in every way, all the time. */
enum { CHILDREN = 150 };

static _Atomic int reaped, stop, stray;

static void *reaper(void *unused)
{
	while (!stop) {
		siginfo_t info = {0};
		int status;
		pid_t pid;

		if (reaped % 2) {
			pid = waitpid(-1, &status, 0);
			status = WEXITSTATUS(status);
		} else {
			pid = waitid(P_ALL, 0, &info, WEXITED) ? -1
							       : info.si_pid;
			status = info.si_status;
		}
		if (pid <= 0)
			continue;
		reaped++;
		if (status != 4)
			stray++;
	}
	return unused;
}

START_TEST(no_stray_child)
{
	pthread_t thread;

	pthread_create(&thread, NULL, reaper, NULL);
	for (int n = 0; n < CHILDREN; n++) {
		pid_t pid = fork();

		if (!pid) {
			if (n % 3)
				exec_exit(4);
			_exit(4);
		}
		ck_assert_int_gt(pid, 0);
	}
	while (reaped < CHILDREN)
		usleep(1000);
	usleep(20000);
	stop = 1;
	pthread_join(thread, NULL);
	ck_assert_int_eq(reaped, CHILDREN);
	ck_assert_int_eq(stray, 0);
}
END_TEST

/* Children that are never waited for leave nothing, and wait() says so. */
static void no_zombies(void)
{
	for (int n = 0; n < 20; n++) {
		pid_t pid = fork();

		if (!pid) {
			if (n % 3)
				exec_exit(4);
			_exit(4);
		}
		ck_assert_int_gt(pid, 0);
		ck_assert_int_eq(waitpid(pid, NULL, 0), -1);
		ck_assert_int_eq(errno, ECHILD);
		/* The kernel reaps it after it has told us. */
		for (int i = 0; kill(pid, 0) == 0 && i < 1000; i++)
			usleep(10000);
		ck_assert_int_eq(kill(pid, 0), -1);
	}
}

START_TEST(ignored_children)
{
	struct sigaction sa = {.sa_handler = SIG_IGN};

	sigaction(SIGCHLD, &sa, NULL);
	no_zombies();
	sa.sa_handler = SIG_DFL;
	sa.sa_flags = SA_NOCLDWAIT;
	sigaction(SIGCHLD, &sa, NULL);
	no_zombies();
}
END_TEST

int main(void)
{
	TCase *tcase = tcase_create("reaped");

	tcase_add_test(tcase, one_signal_each);
	tcase_add_test(tcase, no_stray_child);
	tcase_add_test(tcase, ignored_children);
	return run_suite("fork: reaped", tcase);
}
