/* SPDX-License-Identifier: MIT
 *
 * vfork(): the child comes back first, on its parent's stack and in its
 * memory; the parent after it has exec'd or exited, with all it had.
 */
#include <sys/resource.h>

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

int main(void)
{
	TCase *tcase = tcase_create("vfork");

	tcase_add_test(tcase, vfork_nested);
	tcase_add_test(tcase, vfork_shares);
	tcase_add_test(tcase, fork_in_vfork);
	tcase_add_test(tcase, returns_before_exec);
	tcase_add_test(tcase, refused);
	return run_suite("vfork", tcase);
}
