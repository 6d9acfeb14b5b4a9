/* SPDX-License-Identifier: MIT
 *
 * siglongjmp() out of a signal's handler while the thread is in fork(), which
 * never returns then. Later forks work, and are transactions; those of other
 * threads are not kept waiting.
 */
#include <pthread.h>
#include <sched.h>
#include <setjmp.h>
#include <sys/time.h>

#include "around.h"

enum { TRIES = 60, JUMPS = 4, STACK = 64 << 10 };

static sigjmp_buf out;
static _Atomic bool stop;
static _Atomic int others;

static void jumps(int sig)
{
	(void)sig;
	siglongjmp(out, 1);
}

/* ---- what is jumped out of ---- */

/* The same place each time, which is found not to exec. */
static pid_t fork_and_exit(void)
{
	pid_t pid = fork();

	if (!pid)
		_exit(4);
	return pid;
}

static pid_t fork_without_locks(void)
{
	pid_t pid = _Fork();

	if (!pid)
		_exit(4);
	return pid;
}

static pid_t fork_by_syscall(void)
{
	long args[2] = {0, 0};
	pid_t pid;

	args[VS_CLONE_FLAGS] = SIGCHLD;
	pid = (pid_t)syscall(SYS_clone, args[0], args[1], 0, 0, 0);
	if (!pid)
		_exit(4);
	return pid;
}

static int exit_4(void *unused)
{
	(void)unused;
	_exit(4);
}

static pid_t fork_by_clone(void)
{
	static char stack[STACK] __attribute__((aligned(16)));

	return clone(exit_4, stack + STACK, SIGCHLD, NULL);
}

/* A transaction takes that long. */
static pid_t fork_and_exec(void)
{
	pid_t pid = fork();

	if (!pid) {
		for (volatile int i = 0; i < 1000000; i++)
			;
		become_program();
	}
	return pid;
}

static pid_t (*const ways_out[])(void) = {fork_and_exit, fork_and_exec,
					  fork_by_syscall, fork_by_clone,
					  fork_without_locks};
/* Of these libc's locks stay locked if other threads are there. */
enum { WITH_LOCKS = 2 };

static pid_t (*way)(void);

static void set_timer(long us)
{
	struct itimerval timer = {.it_value = {0, us}};

	setitimer(ITIMER_REAL, &timer, NULL);
}

/* A child that is there although fork() has not returned. */
static void reap_all(void)
{
	while (waitpid(-1, NULL, 0) > 0 || errno == EINTR)
		;
}

static void jump_out(void)
{
	static volatile int jumped;

	signal(SIGALRM, jumps);
	for (volatile int n = 0; n < TRIES && jumped < JUMPS; n++) {
		if (!sigsetjmp(out, 1)) {
			pid_t pid;

			set_timer(50 + n * 397 % 2500);
			pid = way();
			set_timer(0);
			exits_with(pid, 4);
		} else {
			jumped++;
			set_timer(0);
			reap_all();
		}
	}
	printf("%d jumps\n", jumped);
	signal(SIGALRM, SIG_DFL);
}

/* Not the children of another thread. */
static void jump_out_beside_others(void)
{
	signal(SIGALRM, jumps);
	for (volatile int n = 0; n < TRIES; n++) {
		if (!sigsetjmp(out, 1)) {
			set_timer(50 + n * 397 % 2500);
			way();
			set_timer(0);
		} else {
			set_timer(0);
		}
	}
	signal(SIGALRM, SIG_DFL);
}

/* ---- afterwards ---- */

static void alone(void)
{
	for (int n = 0; n < 3; n++)
		exits_with(fork_and_exit(), 4);
	jump_out();
	for (int n = 0; n < 4; n++)
		exits_with(n % 2 ? by_fork() : by__Fork(), 4);
	exits_with(fork_and_exit(), 4);
}

START_TEST(out_of_fork)
{
	way = ways_out[_i];
	commits(alone);
}
END_TEST

static void *forks(void *unused)
{
	for (; !stop; others++)
		exits_with(by_fork(), 4);
	return unused;
}

static void beside_threads(void)
{
	pthread_t thread;
	sigset_t set;
	int before;

	sigemptyset(&set);
	sigaddset(&set, SIGALRM);
	sigprocmask(SIG_BLOCK, &set, NULL);
	ck_assert_int_eq(pthread_create(&thread, NULL, forks, NULL), 0);
	sigprocmask(SIG_UNBLOCK, &set, NULL);
	jump_out_beside_others();
	before = others;
	for (int n = 0; n < 4; n++)
		exits_with(by_fork_alone(), 4);
	while (others < before + 4)
		usleep(1000);
	stop = true;
	pthread_join(thread, NULL);
	reap_all();
	exits_with(by_fork(), 4);
}

START_TEST(beside_others)
{
	if (ways_out[_i] == fork_without_locks && !HAS__FORK)
		return;
	way = ways_out[_i];
	commits(beside_threads);
}
END_TEST

int main(int argc UNUSED, char **argv)
{
	TCase *tcase = tcase_create("jumps");

	tcase_set_timeout(tcase, 20);
	tcase_add_loop_test(tcase, out_of_fork, 0, LENGTH(ways_out));
	tcase_add_loop_test(tcase, beside_others, WITH_LOCKS, LENGTH(ways_out));
	return run_scenes("exact: jumps out of fork", tcase, argv);
}
