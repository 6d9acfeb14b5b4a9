/* SPDX-License-Identifier: MIT
 * The clone behind posix_spawn(): threads, signals, cancellation, odd stacks.
 */
#include "storm.h"

#include <sys/mman.h>

START_TEST(signal_storm)
{
	storm();
}
END_TEST

/* Sent to the whole group, a signal reaches the child as well. It may be
 * ended by it; it never runs the handler. */
START_TEST(group_storm)
{
	pid_t pest;

	self = getpid();
	setpgid(0, 0);
	signal(SIGUSR1, on_signal);
	pest = fork();
	if (!pest) {
		signal(SIGUSR1, SIG_IGN);
		for (int i = 0; i < 4000; i++) {
			kill(-self, SIGUSR1);
			usleep(20);
		}
		_exit(0);
	}
	for (int i = 0; i < 500; i++) {
		int result = run_show();

		ck_assert_msg(result == 99 || result == SIGUSR1, "%d", result);
	}
	ck_assert_int_eq(in_a_child, 0);
	kill(pest, SIGKILL);
	while (waitpid(pest, NULL, 0) < 0)
		ck_assert_int_eq(errno, EINTR);
}
END_TEST

/* A mask of its own protects the child from the start. */
START_TEST(mask_holds_from_the_start)
{
	char *args[] = {"show", NULL};
	posix_spawnattr_t attr;
	sigset_t set;
	pid_t pest;

	self = getpid();
	setpgid(0, 0);
	signal(SIGUSR1, on_signal);
	pest = fork();
	if (!pest) {
		signal(SIGUSR1, SIG_IGN);
		for (;;)
			kill(-self, SIGUSR1);
	}
	sigemptyset(&set);
	sigaddset(&set, SIGUSR1);
	posix_spawnattr_init(&attr);
	posix_spawnattr_setsigmask(&attr, &set);
	posix_spawnattr_setflags(&attr, POSIX_SPAWN_SETSIGMASK);
	for (int i = 0; i < 300; i++) {
		int status;
		pid_t pid;

		ck_assert_int_eq(
			posix_spawn(&pid, show, NULL, &attr, args, environ), 0);
		while (waitpid(pid, &status, 0) < 0)
			ck_assert_int_eq(errno, EINTR);
		ck_assert_int_eq(status, 99 << 8);
	}
	kill(pest, SIGKILL);
	while (waitpid(pest, NULL, 0) < 0)
		ck_assert_int_eq(errno, EINTR);
}
END_TEST

/* ---- cancellation ---- */

static void *cancelled_at_once(void *arg)
{
	int state, *result = arg;
	sigset_t none;

	sigemptyset(&none);
	pthread_cancel(pthread_self());
	pthread_setcancelstate(PTHREAD_CANCEL_ENABLE, &state);
	*result = posix_spawn(&result[1], show, NULL, NULL,
			      (char *[]){"show", NULL}, environ);
	result[2] = state;
	pthread_testcancel();
	result[3] = 1;
	return NULL;
}

START_TEST(no_cancellation_point)
{
	int result[4] = {-1, -1, -1, 0};
	pthread_t thread;
	void *value;

	pthread_create(&thread, NULL, cancelled_at_once, result);
	pthread_join(thread, &value);
	ck_assert_ptr_eq(value, PTHREAD_CANCELED);
	ck_assert_int_eq(result[0], 0);
	ck_assert_int_eq(WEXITSTATUS(wait_for(result[1])), 99);
	ck_assert_int_eq(result[2], PTHREAD_CANCEL_ENABLE);
	ck_assert_int_eq(result[3], 0);
}
END_TEST

START_TEST(cancel_state_is_kept)
{
	int state;

	pthread_setcancelstate(PTHREAD_CANCEL_DISABLE, &state);
	ck_assert_int_eq(run_show(), 99);
	pthread_setcancelstate(PTHREAD_CANCEL_ENABLE, &state);
	ck_assert_int_eq(state, PTHREAD_CANCEL_DISABLE);
	ck_assert_int_eq(run_show(), 99);
	pthread_setcancelstate(PTHREAD_CANCEL_ENABLE, &state);
	ck_assert_int_eq(state, PTHREAD_CANCEL_ENABLE);
}
END_TEST

static void *spawn_forever(void *arg)
{
	int type;

	(void)arg;
	pthread_setcanceltype(PTHREAD_CANCEL_ASYNCHRONOUS, &type);
	for (;;)
		run_show();
	return NULL;
}

START_TEST(cancelled_any_time)
{
	for (int i = 0; i < 100; i++) {
		pthread_t thread;

		pthread_create(&thread, NULL, spawn_forever, NULL);
		usleep(500 + i * 7);
		pthread_cancel(thread);
		pthread_join(thread, NULL);
		/* The one it was waiting for, if any. */
		while (waitpid(-1, NULL, 0) > 0)
			;
		ck_assert_int_eq(run_show(), 99);
	}
}
END_TEST

/* ---- stacks ---- */

static int deep(int levels)
{
	volatile char frame[4096];
	int result;

	frame[levels % 4096] = 1;
	result = levels ? deep(levels - 1) : run_show();
	frame[0] = (char)result;
	return result + frame[levels % 4096] - frame[levels % 4096];
}

START_TEST(deep_stack)
{
	ck_assert_int_eq(deep(1500), 99);
}
END_TEST

START_TEST(smallest_stack)
{
	pthread_attr_t attr;
	pthread_t thread;
	void *good;

	pthread_attr_init(&attr);
	ck_assert_int_eq(pthread_attr_setstacksize(&attr, PTHREAD_STACK_MIN),
			 0);
	ck_assert_int_eq(pthread_create(&thread, &attr, spawn_many, (void *)9),
			 0);
	pthread_join(thread, &good);
	ck_assert_int_eq((long)good, 9);
	pthread_attr_destroy(&attr);
}
END_TEST

static int from_handler;

static void spawn_in_handler(int sig)
{
	(void)sig;
	from_handler = run_show();
}

START_TEST(alternate_stack)
{
	struct sigaction action = {.sa_handler = spawn_in_handler,
				   .sa_flags = SA_ONSTACK};
	stack_t stack = {.ss_size = 32 << 10};

	stack.ss_sp = mmap(NULL, stack.ss_size, PROT_READ | PROT_WRITE,
			   MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	ck_assert_int_eq(sigaltstack(&stack, NULL), 0);
	sigaction(SIGUSR1, &action, NULL);
	raise(SIGUSR1);
	ck_assert_int_eq(from_handler, 99);
}
END_TEST

int main(void)
{
	TCase *t = tcase_create("start");

	tcase_add_test(t, signal_storm);
	tcase_add_test(t, group_storm);
	tcase_add_test(t, mask_holds_from_the_start);
	tcase_add_test(t, no_cancellation_point);
	tcase_add_test(t, cancel_state_is_kept);
	tcase_add_test(t, cancelled_any_time);
	tcase_add_test(t, deep_stack);
	tcase_add_test(t, smallest_stack);
	tcase_add_test(t, alternate_stack);
	return run_suite("start", t);
}
