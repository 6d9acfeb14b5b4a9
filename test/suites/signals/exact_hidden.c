/* SPDX-License-Identifier: MIT
 *
 * A signal that has come to a child has been handled, or was its end, before
 * the child blocks or ignores it: neither hides that it came.
 */
#include <pthread.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <time.h>

#include "util.h"

enum { ROUNDS = 6 };

static volatile sig_atomic_t caught;

static void on_signal(int sig)
{
	caught = sig;
}

/* The kernel says 0 of less than a microsecond, too. */
static void spin_ms(void)
{
	struct timespec from, now;

	clock_gettime(CLOCK_MONOTONIC, &from);
	do
		clock_gettime(CLOCK_MONOTONIC, &now);
	while ((now.tv_sec - from.tv_sec) * 1000000000 + now.tv_nsec -
		       from.tv_nsec <
	       1000000);
}

/* Until the timer has gone off. */
static void await_timer(void)
{
	struct itimerval timer = {.it_value = {.tv_usec = 300}};

	setitimer(ITIMER_REAL, &timer, NULL);
	do
		getitimer(ITIMER_REAL, &timer);
	while (timer.it_value.tv_sec || timer.it_value.tv_usec);
	spin_ms();
}

static void ignores(void)
{
	signal(SIGALRM, SIG_IGN);
}

static void blocks(void)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGALRM);
	sigprocmask(SIG_BLOCK, &set, NULL);
}

static void blocks_all(void)
{
	sigset_t set;

	sigfillset(&set);
	sigprocmask(SIG_SETMASK, &set, NULL);
}

static void takes_default_and_blocks(void)
{
	signal(SIGALRM, SIG_DFL);
	blocks();
}

static void (*const hide[])(void) = {ignores, blocks, blocks_all,
				     takes_default_and_blocks};

START_TEST(handled_before)
{
	for (int i = 0; i < ROUNDS; i++) {
		pid_t pid = fork();

		if (!pid) {
			sigset_t pending;

			signal(SIGALRM, on_signal);
			await_timer();
			hide[_i]();
			sigpending(&pending);
			exec_exit(caught != SIGALRM		   ? 51
				  : sigismember(&pending, SIGALRM) ? 52
								   : 4);
		}
		exits_with(pid, 4);
	}
}
END_TEST

START_TEST(killed_before)
{
	signal(SIGALRM, SIG_DFL); /* Check has a handler */
	for (int i = 0; i < ROUNDS; i++) {
		pid_t pid = fork();

		if (!pid) {
			await_timer();
			hide[_i]();
			exec_exit(4);
		}
		dies_by(pid, SIGALRM);
	}
}
END_TEST

/* By default nothing happens, but there was a handler when it came. */
START_TEST(default_discards)
{
	for (int i = 0; i < ROUNDS; i++) {
		pid_t pid = fork();

		if (!pid) {
			struct sigevent event = {.sigev_notify = SIGEV_SIGNAL,
						 .sigev_signo = SIGURG};
			struct itimerspec time = {.it_value = {0, 300000}};
			timer_t timer;

			signal(SIGURG, on_signal);
			if (timer_create(CLOCK_MONOTONIC, &event, &timer))
				exec_exit(53);
			timer_settime(timer, 0, &time, NULL);
			do
				timer_gettime(timer, &time);
			while (time.it_value.tv_sec || time.it_value.tv_nsec);
			spin_ms();
			signal(SIGURG, SIG_DFL);
			exec_exit(caught == SIGURG ? 4 : 51);
		}
		exits_with(pid, 4);
	}
}
END_TEST

/* ---- SIGSYS's handler, set by the number of the call ---- */

struct by_number {
	char bytes[64]; /* of any CPU's struct sigaction */
};

static _Atomic int stop, failed; /* not every CPU has atomic bytes */

static long call(const struct by_number *act, struct by_number *old)
{
	return syscall(SYS_rt_sigaction, SIGSYS, act, old, _NSIG / 8);
}

static void on_one(int sig)
{
	caught = sig;
}

static void on_other(int sig)
{
	caught = sig;
}

/* What the kernel has for a handler that libc has set. */
static struct by_number as_number(void (*handler)(int))
{
	struct by_number act = {{0}};

	signal(SIGURG, handler);
	syscall(SYS_rt_sigaction, SIGURG, NULL, &act, _NSIG / 8);
	return act;
}

static struct by_number one, other;

static void *sets(void *unused)
{
	for (unsigned i = 0; !stop; i++) {
		const struct by_number *act = i % 2 ? &one : &other;
		struct by_number now = {{0}};

		failed |= call(act, NULL) || call(NULL, &now) ||
			  memcmp(act, &now, sizeof(now)) != 0;
	}
	return unused;
}

START_TEST(set_by_number)
{
	pthread_t thread;

	one = as_number(on_one);
	other = as_number(on_other);
	pthread_create(&thread, NULL, sets, NULL);
	for (int i = 0; i < 100; i++) {
		pid_t pid = fork();

		if (!pid)
			exec_exit(4);
		exits_with(pid, 4);
	}
	stop = true;
	pthread_join(thread, NULL);
	ck_assert(!failed);
	raise(SIGSYS);
	ck_assert_int_eq(caught, SIGSYS);
}
END_TEST

START_TEST(bad_pointers)
{
	errno = 0;
	ck_assert_int_eq(call((void *)8, NULL), -1);
	ck_assert_int_eq(errno, EFAULT);
	errno = 0;
	ck_assert_int_eq(call(NULL, (void *)8), -1);
	ck_assert_int_eq(errno, EFAULT);
	errno = 0;
	ck_assert_int_eq(syscall(SYS_rt_sigaction, SIGSYS, NULL, NULL, 3), -1);
	ck_assert_int_eq(errno, EINVAL);
}
END_TEST

int main(void)
{
	TCase *tcase = tcase_create("hidden");

	tcase_add_loop_test(tcase, handled_before, 0, LENGTH(hide));
	tcase_add_loop_test(tcase, killed_before, 0, 3);
	tcase_add_test(tcase, default_discards);
	tcase_add_test(tcase, set_by_number);
	tcase_add_test(tcase, bad_pointers);
	return run_suite("exact: signals that came before", tcase);
}
