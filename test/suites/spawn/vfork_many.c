/* SPDX-License-Identifier: MIT
 *
 * vfork() many times, by threads, in a storm of signals, and as libc's own.
 */
#include <pthread.h>
#include <stdatomic.h>
#include <sys/time.h>

#include "util.h"

/* The number of children that did what they should. */
static int many(int n)
{
	volatile int good = 0, i; /* as a child may change them */
	int status;

	for (i = 0; i < n; i++) {
		pid_t pid = vfork();

		if (!pid)
			_exit(i % 100);
		while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
			;
		good += pid > 0 && status == i % 100 << 8;
	}
	return good;
}

START_TEST(ten_thousand)
{
	ck_assert_int_eq(many(10000), 10000);
	ck_assert_int_eq(waitpid(-1, NULL, 0), -1);
	ck_assert_int_eq(errno, ECHILD);
	ck_assert(heap_intact());
}
END_TEST

static void *many_here(void *arg)
{
	return (void *)(long)many((int)(long)arg);
}

static void threads(int n)
{
	pthread_t thread[4];
	void *good;

	for (int i = 0; i < LENGTH(thread); i++)
		ck_assert_int_eq(pthread_create(&thread[i], NULL, many_here,
						(void *)(long)n),
				 0);
	for (int i = 0; i < LENGTH(thread); i++) {
		pthread_join(thread[i], &good);
		ck_assert_int_eq((long)good, n);
	}
}

START_TEST(from_threads)
{
	threads(500);
}
END_TEST

static _Atomic long handled;

static void on_signal(int sig)
{
	(void)sig;
	handled++;
}

START_TEST(signal_storm)
{
	struct itimerval fast = {{0, 100}, {0, 100}}, stop = {{0, 0}, {0, 0}};

	signal(SIGALRM, on_signal);
	signal(SIGUSR1, on_signal);
	setitimer(ITIMER_REAL, &fast, NULL);
	threads(200);
	while (handled < 100)
		kill(getpid(), SIGUSR1);
	threads(50);
	setitimer(ITIMER_REAL, &stop, NULL);
}
END_TEST

/* libc's own, to which the stub jumps. */
START_TEST(switched_off)
{
	char *args[] = {"vfork", "vforks", NULL};
	pid_t pid = fork();

	if (!pid) {
		setenv("VSPAWN_SPAWN", "off", 1);
		execv("/proc/self/exe", args);
		_exit(99);
	}
	exits_with(pid, 0);
}
END_TEST

int main(int argc, char **argv)
{
	TCase *tcase = tcase_create("vfork");

	if (argc > 1 && !strcmp(argv[1], "vforks"))
		return many(100) == 100 ? 0 : 1;
	tcase_add_test(tcase, ten_thousand);
	tcase_add_test(tcase, from_threads);
	tcase_add_test(tcase, signal_storm);
	tcase_add_test(tcase, switched_off);
	return run_suite("vfork, many times", tcase);
}
