/* SPDX-License-Identifier: MIT
 *
 * Signals from outside, to the whole process group, at any moment of fork();
 * and a thread that waits for every kind of child.
 */
#include <pthread.h>
#include <sys/prctl.h>

#include "util.h"

enum { FORKS = 400 };

static _Atomic bool *enough; /* shared with senders */

/* Another process, unknown to the library and of another group, that sends
 * the signals of `sigs` to this group until it is killed; or until it is
 * enough and all of them have come. */
static pid_t sender(const int *sigs, int n, int pause_us)
{
	pid_t group, pid;

	ck_assert(!setpgid(0, 0) || getpgrp() == getpid());
	group = getpgrp();
	enough = mmap(NULL, PAGE, PROT_READ | PROT_WRITE,
		      MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	pid = raw_fork();
	if (pid)
		return pid;
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	setpgid(0, 0);
	for (int i = 0; i || !*enough; i = (i + 1) % n) {
		kill(-group, sigs[i]);
		usleep((useconds_t)pause_us);
	}
	_exit(0);
}

static volatile sig_atomic_t received;

static void count(int sig UNUSED)
{
	received++;
}

static void fork_and_exec(void)
{
	for (int n = 0; n < FORKS; n++) {
		pid_t pid = fork();

		if (!pid) {
			if (heap[n * 1000] != heap_word((uint64_t)n * 1000))
				_exit(50);
			if (n % 8)
				exec_exit_static(4);
			_exit(4);
		}
		exits_with(pid, 4);
	}
}

/* Signals that programs ignore by default, here with a handler, which runs in
 * parent and child. */
START_TEST(handled)
{
	static const int sigs[] = {SIGWINCH, SIGURG, SIGCHLD};
	struct sigaction sa = {.sa_handler = count, .sa_flags = SA_RESTART};
	pid_t pid;

	for (int i = 0; i < LENGTH(sigs); i++)
		sigaction(sigs[i], &sa, NULL);
	pid = sender(sigs, LENGTH(sigs), 100);
	fork_and_exec();
	kill(pid, SIGKILL);
	dies_by(pid, SIGKILL);
	ck_assert_int_gt(received, 10);
}
END_TEST

/* Job control: stopped and continued all the time, continued last. */
START_TEST(stopped)
{
	static const int sigs[] = {SIGSTOP, SIGCONT, SIGTSTP, SIGCONT};
	pid_t pid = sender(sigs, LENGTH(sigs), 200);

	fork_and_exec();
	*enough = true;
	exits_with(pid, 0);
}
END_TEST

/* A signal that kills the child at any moment: fork() has returned it, or
 * has not, and it is reaped as killed, or has come through. */
static void dies(int sig UNUSED)
{
	received++;
}

START_TEST(deadly)
{
	static const int sigs[] = {SIGUSR1};
	struct sigaction sa = {.sa_handler = dies, .sa_flags = SA_RESTART};
	pid_t pid;

	sigaction(SIGUSR1, &sa, NULL);
	pid = sender(sigs, LENGTH(sigs), 300);
	for (int n = 0; n < FORKS; n++) {
		pid_t child = fork();
		int status;

		if (!child) {
			signal(SIGUSR1, SIG_DFL);
			exec_exit_static(4);
			_exit(50);
		}
		status = wait_for(child);
		ck_assert(status == SIGUSR1 || status == 4 << 8);
	}
	kill(pid, SIGKILL);
	dies_by(pid, SIGKILL);
	ck_assert_int_gt(received, 0);
}
END_TEST

/* Waits with __WALL, which sees children of every kind. What it may see of a
 * child that fork() has not returned, it must not take from fork(). */
static _Atomic bool stop;
static _Atomic int reaped;

static void *waits_for_all(void *unused)
{
	while (!stop) {
		int status;

		if (waitpid(-1, &status, __WALL) > 0 && status == 4 << 8)
			reaped++;
	}
	return unused;
}

START_TEST(waited_for_by_all)
{
	pthread_t id;

	pthread_create(&id, NULL, waits_for_all, NULL);
	for (int n = 0; n < FORKS; n++) {
		pid_t pid = fork();

		if (!pid) {
			if (n % 8)
				exec_exit_static(4);
			_exit(4);
		}
		ck_assert_int_gt(pid, 0);
	}
	for (int n = 0; n < 10000 && reaped < FORKS; n++)
		usleep(1000);
	stop = true;
	pthread_join(id, NULL);
	ck_assert_int_eq(reaped, FORKS);
}
END_TEST

int main(void)
{
	TCase *tcase = tcase_create("group");

	tcase_add_test(tcase, handled);
	tcase_add_test(tcase, stopped);
	tcase_add_test(tcase, deadly);
	tcase_add_test(tcase, waited_for_by_all);
	return run_suite("fork: group", tcase);
}
