/* SPDX-License-Identifier: MIT
 *
 * vfork(): the child comes back first, on its parent's stack and in its
 * memory; the parent after it has exec'd or exited, with all it had.
 */
#include <pthread.h>
#include <stdatomic.h>
#include <sys/resource.h>
#include <sys/time.h>

#include "state.h"

static const char *program;

/* vfork() deep below its caller, who returns into frames that the child has
 * walked over. */
static __attribute__((noinline)) int deeper(int level, int argument)
{
	volatile int frame[200];
	pid_t pid;

	for (int i = 0; i < 200; i++)
		frame[i] = level * argument;
	if (level)
		return deeper(level - 1, argument) + frame[argument % 200];
	pid = vfork();
	if (!pid) {
		execl(program, "state", "exit", "4", NULL);
		_exit(99);
	}
	exits_with(pid, 4);
	return frame[argument % 200];
}

START_TEST(vfork_nested)
{
	program = shared_host("state");
	for (int n = 0; n < 50; n++)
		ck_assert_int_eq(deeper(20, n), 210 * n);
}
END_TEST

/* The child of vfork() has its parent's memory, and the parent waits. */
START_TEST(vfork_shares)
{
	volatile int value = 1;
	int fds[2];
	pid_t pid;

	ck_assert_int_eq(pipe(fds), 0);
	pid = vfork();
	if (!pid) {
		value = 2;
		heap[1] = 2;
		close(fds[0]);
		_exit(4);
	}
	ck_assert_int_eq(value, 2);
	ck_assert_int_eq((int)heap[1], 2);
	ck_assert_int_eq(fcntl(fds[0], F_GETFD), 0);
	exits_with(pid, 4);
	pid = vfork();
	if (!pid) {
		execl("/no/such/program", "program", NULL);
		value = errno;
		_exit(5);
	}
	ck_assert_int_eq(value, ENOENT);
	exits_with(pid, 5);
}
END_TEST

/* fork() in the child of vfork(), then the child goes on to exec. */
START_TEST(fork_in_vfork)
{
	pid_t pid, inner;

	program = shared_host("state");
	pid = vfork();
	if (!pid) {
		int status;

		inner = fork();
		if (!inner)
			_exit(5);
		if (waitpid(inner, &status, 0) != inner || status != 5 << 8)
			_exit(50);
		execl(program, "state", "exit", "4", NULL);
		_exit(99);
	}
	exits_with(pid, 4);
}
END_TEST

/* The child comes and goes through frames of its own before it execs. */
static __attribute__((noinline)) int chain(int level)
{
	volatile int frame[100];

	for (int i = 0; i < 100; i++)
		frame[i] = level + i;
	return level ? chain(level - 1) + frame[level % 100] : frame[1];
}

static int vfork_once(void)
{
	/* More than there are registers that a callee keeps. */
	long a = chain(1), b = a * 3, c = a * 5, d = a * 7, e = a * 11;
	long f = a * 13, g = a * 17, h = a * 19, i = a * 23, j = a * 29;
	pid_t pid = vfork();

	if (!pid) {
		if (chain(30) != 931)
			_exit(90);
		execl(program, "state", "exit", "4", NULL);
		_exit(99);
	}
	exits_with(pid, 4);
	return a + b + c + d + e + f + g + h + i + j == a * 128;
}

START_TEST(returns_before_exec)
{
	program = shared_host("state");
	for (int i = 0; i < 20; i++)
		ck_assert(vfork_once());
}
END_TEST

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

/* No process to be had: -1, and why. */
START_TEST(refused)
{
	struct rlimit none = {0, 0};
	pid_t pid;

	if (!getuid() && setuid(65534))
		return;
	ck_assert_int_eq(setrlimit(RLIMIT_NPROC, &none), 0);
	for (int i = 0; i < 3; i++) {
		errno = 0;
		pid = vfork();
		if (!pid)
			_exit(1);
		ck_assert_int_eq(pid, -1);
		ck_assert_int_eq(errno, EAGAIN);
	}
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
	tcase_add_test(tcase, vfork_nested);
	tcase_add_test(tcase, vfork_shares);
	tcase_add_test(tcase, fork_in_vfork);
	tcase_add_test(tcase, returns_before_exec);
	tcase_add_test(tcase, ten_thousand);
	tcase_add_test(tcase, from_threads);
	tcase_add_test(tcase, signal_storm);
	tcase_add_test(tcase, refused);
	tcase_add_test(tcase, switched_off);
	return run_suite("vfork", tcase);
}
