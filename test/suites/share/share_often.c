/* SPDX-License-Identifier: MIT
 * fork() that shares memory: signals, many children, many threads. */
#include "share_test.h"

static NOINLINE void try_ignored(void)
{
	struct sigaction ignore = {.sa_handler = SIG_IGN}, old;
	int status;
	pid_t pid;

	sigaction(SIGCHLD, &ignore, &old);
	pid = fork();
	if (!pid)
		_exit(3);
	ck_assert_int_eq(waitpid(pid, &status, 0), -1);
	ck_assert_int_eq(errno, ECHILD);
	sigaction(SIGCHLD, &old, NULL);
}

START_TEST(sigchld_ignored)
{
	with_writers(try_ignored);
}
END_TEST

static NOINLINE void try_mask(void)
{
	sigset_t set, before, after;
	pid_t pid;

	sigemptyset(&set);
	sigaddset(&set, SIGUSR1);
	sigaddset(&set, SIGRTMIN + 3);
	sigprocmask(SIG_BLOCK, &set, &before);
	pid = fork();
	sigprocmask(SIG_BLOCK, NULL, &after);
	if (!pid)
		_exit(sigismember(&after, SIGUSR1) &&
				      sigismember(&after, SIGRTMIN + 3) &&
				      !sigismember(&after, SIGTERM)
			      ? 4
			      : 5);
	exits_with(pid, 4);
	ck_assert_int_eq(sigismember(&after, SIGUSR1), 1);
	ck_assert_int_eq(sigismember(&after, SIGTERM), 0);
	sigprocmask(SIG_SETMASK, &before, NULL);
}

START_TEST(mask)
{
	with_writers(try_mask);
}
END_TEST

static void *fork_often(void *arg)
{
	int which = (int)(intptr_t)arg;

	for (int i = 0; i < 60; i++) {
		int expected = (which * 60 + i) % 90;
		pid_t pid = fork();

		if (!pid) {
			if (i % 3 == 0)
				_exit(expected);
			if (i % 8 == 1)
				exit(expected);
			exec_exit(expected);
			_exit(99);
		}
		exits_with(pid, expected);
	}
	return NULL;
}

START_TEST(many_threads)
{
	pthread_t thread[8];

	if (!threads)
		return;
	for (int i = 0; i < LENGTH(thread); i++)
		pthread_create(&thread[i], NULL, fork_often,
			       (void *)(intptr_t)i);
	for (int i = 0; i < LENGTH(thread); i++)
		pthread_join(thread[i], NULL);
	ck_assert_int_eq(waitpid(-1, NULL, WNOHANG), -1);
}
END_TEST

static void *use_stream(void *arg)
{
	(void)arg;
	return ftrylockfile(stderr) ? NULL : (funlockfile(stderr), stderr);
}

static NOINLINE void try_stream(void)
{
	pid_t pid = fork();

	if (!pid) {
		exec_fails();
		fprintf(stderr, "A message of a child: %d\n", errno);
		_exit(4);
	}
	exits_with(pid, 4);
}

/* A child that failed and says so leaves the stream to all threads. */
START_TEST(stream)
{
	pthread_t thread;
	void *used;

	with_writers(try_stream);
	if (!threads)
		return;
	pthread_create(&thread, NULL, use_stream, NULL);
	pthread_join(thread, &used);
	ck_assert_ptr_nonnull(used);
}
END_TEST

static int mappings(void)
{
	char *text = slurp("/proc/self/maps");
	int n = 0;

	for (char *at = text; (at = strchr(at, '\n')); at++)
		n++;
	free(text);
	return n;
}

static NOINLINE void try_often(int times, bool exec)
{
	char *argv[] = {(char *)host("nop"), NULL};

	for (int i = 0; i < times; i++) {
		pid_t pid = fork();

		if (!pid) {
			if (exec)
				execv(argv[0], argv);
			_exit(0);
		}
		exits_with(pid, 0);
	}
}

START_TEST(often)
{
	int fds, maps;

	try_often(10, true);
	fds = open_fds();
	maps = mappings();
	try_often(1500, true);
	try_often(300, false);
	ck_assert_int_eq(open_fds(), fds);
	ck_assert_int_eq(mappings(), maps);
	ck_assert_int_eq(waitpid(-1, NULL, WNOHANG), -1);
}
END_TEST

static void add_all(TCase *tcase)
{
	tcase_add_test(tcase, sigchld_ignored);
	tcase_add_test(tcase, mask);
	tcase_add_test(tcase, stream);
	tcase_add_test(tcase, often);
	tcase_add_test(tcase, many_threads);
}

int main(void)
{
	return run_share_suite("often", add_all);
}
