/* SPDX-License-Identifier: MIT
 *
 * fork() from unusual stacks: of threads, handlers and coroutines.
 */
#include <pthread.h>
#include <ucontext.h>

#include "three.h"

static void *in_thread(void *argument)
{
	three_children();
	return argument;
}

START_TEST(thread)
{
	pthread_t id;
	void *result;

	ck_assert_int_eq(pthread_create(&id, NULL, in_thread, heap), 0);
	pthread_join(id, &result);
	ck_assert_ptr_eq(result, heap);
}
END_TEST

/* Its stack is part of the big heap. */
START_TEST(thread_on_heap)
{
	pthread_attr_t attributes;
	pthread_t id;

	pthread_attr_init(&attributes);
	pthread_attr_setstack(&attributes, (char *)heap + HEAP / 2, 256 << 10);
	ck_assert_int_eq(pthread_create(&id, &attributes, in_thread, NULL), 0);
	pthread_join(id, NULL);
	three_children();
}
END_TEST

static int handled;

static void on_signal(int sig UNUSED)
{
	three_children();
	handled++;
}

START_TEST(handler)
{
	struct sigaction sa = {.sa_handler = on_signal};

	sigaction(SIGUSR1, &sa, NULL);
	raise(SIGUSR1);
	sigfillset(&sa.sa_mask);
	sigaction(SIGUSR2, &sa, NULL);
	raise(SIGUSR2);
	ck_assert_int_eq(handled, 2);
}
END_TEST

/* On an alternate stack, one of its own and one within the big heap; by way
 * of the signals that the library needs itself, too. */
START_TEST(alternate_stack)
{
	static const int signals[] = {SIGUSR1, SIGSEGV, SIGSYS};
	static char own[64 << 10];
	char *stacks[] = {own, (char *)heap + HEAP / 2 - PAGE};
	struct sigaction sa = {.sa_handler = on_signal, .sa_flags = SA_ONSTACK};
	stack_t now;

	for (int i = 0; i < LENGTH(stacks) * LENGTH(signals); i++) {
		stack_t stack = {.ss_sp = stacks[i / LENGTH(signals)],
				 .ss_size = sizeof(own)};
		int sig = signals[i % LENGTH(signals)];

		ck_assert_int_eq(sigaltstack(&stack, NULL), 0);
		sigaction(sig, &sa, NULL);
		raise(sig);
		/* And with one that is not in use. */
		three_children();
		ck_assert_int_eq(sigaltstack(NULL, &now), 0);
		ck_assert_ptr_eq(now.ss_sp, stack.ss_sp);
		ck_assert_int_eq(now.ss_flags, 0);
	}
	ck_assert_int_eq(handled, 6);
}
END_TEST

/* A handler of the application runs in the child before it execs, on an
 * alternate stack in memory that was not copied. */
static void write_down(int sig UNUSED)
{
	volatile char here = 1;

	handled = 10 + here;
}

static void handles_in_child(void)
{
	struct sigaction sa = {.sa_handler = write_down,
			       .sa_flags = SA_ONSTACK};
	sigset_t set;

	sigaction(SIGUSR1, &sa, NULL);
	sigemptyset(&set);
	sigaddset(&set, SIGUSR1);
	sigprocmask(SIG_BLOCK, &set, NULL);
	kill(getpid(), SIGUSR1);
	sigprocmask(SIG_UNBLOCK, &set, NULL);
	if (handled == 11)
		exec_exit(4);
}

START_TEST(alternate_stack_in_child)
{
	stack_t stack = {.ss_sp = (char *)heap + HEAP / 4, .ss_size = 64 << 10};

	sigaltstack(&stack, NULL);
	both_exit(handles_in_child, 4);
}
END_TEST

static ucontext_t main_context, coroutine_context;

static void coroutine(void)
{
	for (;;) {
		three_children();
		swapcontext(&coroutine_context, &main_context);
	}
}

/* On stacks as small as they get, in memory of every kind. */
START_TEST(coroutines)
{
	static char in_data[16 << 10] __attribute__((aligned(16)));
	char *stacks[] = {malloc(16 << 10), in_data,
			  (char *)heap + HEAP / 2 + 2 * PAGE,
			  (char *)heap + HEAP - (16 << 10)};

	for (int i = 0; i < LENGTH(stacks); i++) {
		getcontext(&coroutine_context);
		coroutine_context.uc_stack.ss_sp = stacks[i];
		coroutine_context.uc_stack.ss_size = 16 << 10;
		makecontext(&coroutine_context, coroutine, 0);
		swapcontext(&main_context, &coroutine_context);
		three_children();
		swapcontext(&main_context, &coroutine_context);
	}
}
END_TEST

int main(void)
{
	TCase *tcase = tcase_create("stacks");

	tcase_add_test(tcase, thread);
	tcase_add_test(tcase, thread_on_heap);
	tcase_add_test(tcase, handler);
	tcase_add_test(tcase, alternate_stack);
	tcase_add_test(tcase, alternate_stack_in_child);
	tcase_add_test(tcase, coroutines);
	return run_suite("fork: stacks", tcase);
}
