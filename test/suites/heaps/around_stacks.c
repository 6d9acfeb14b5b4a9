/* SPDX-License-Identifier: MIT
 *
 * On stacks that are part of a big heap: of coroutines, threads and handlers.
 */
#include <pthread.h>
#include <ucontext.h>

#include "around.h"

enum { SIZE = 64 << 10 };

static char *in_heap(void)
{
	return (char *)heap + HEAP / 2;
}

static ucontext_t main_context, coroutine_context;

static void coroutine(void)
{
	for (;;) {
		all_ways();
		swapcontext(&coroutine_context, &main_context);
	}
}

static void with_coroutine(void)
{
	getcontext(&coroutine_context);
	coroutine_context.uc_stack.ss_sp = in_heap();
	coroutine_context.uc_stack.ss_size = SIZE;
	makecontext(&coroutine_context, coroutine, 0);
	for (int n = 0; n < 3; n++)
		swapcontext(&main_context, &coroutine_context);
}

START_TEST(of_coroutine)
{
	commits(with_coroutine);
}
END_TEST

static void *in_thread(void *argument)
{
	all_ways();
	return argument;
}

static void with_thread(void)
{
	pthread_attr_t attributes;
	pthread_t id;

	pthread_attr_init(&attributes);
	pthread_attr_setstack(&attributes, in_heap(), 4L * SIZE);
	ck_assert_int_eq(pthread_create(&id, &attributes, in_thread, NULL), 0);
	pthread_join(id, NULL);
}

START_TEST(of_thread)
{
	commits(with_thread);
}
END_TEST

static volatile sig_atomic_t handled;

static void on_signal(int sig)
{
	if (sig == SIGUSR1)
		all_ways();
	handled++;
}

/* A handler on a stack of its own, which is there afterwards as before. */
static void with_handler(int sig, void (*then)(void))
{
	struct sigaction sa = {.sa_handler = on_signal, .sa_flags = SA_ONSTACK};
	stack_t stack = {.ss_sp = in_heap(), .ss_size = SIZE}, now;

	ck_assert_int_eq(sigaltstack(&stack, NULL), 0);
	sigaction(sig, &sa, NULL);
	raise(sig);
	then();
	ck_assert_int_eq(sigaltstack(NULL, &now), 0);
	ck_assert_ptr_eq(now.ss_sp, stack.ss_sp);
	ck_assert_int_eq(now.ss_size, stack.ss_size);
	ck_assert_int_eq(now.ss_flags, 0);
	raise(sig);
	ck_assert_int_eq(handled, 2);
}

static void nothing(void)
{
}

static void in_handler(void)
{
	with_handler(SIGUSR1, nothing);
}

static void beside_handler(void)
{
	with_handler(SIGUSR2, all_ways);
}

START_TEST(of_handler)
{
	steps_aside(in_handler, "on an alternate signal stack");
	commits(beside_handler);
}
END_TEST

int main(int argc UNUSED, char **argv)
{
	TCase *tcase = tcase_create("stacks");

	tcase_add_test(tcase, of_coroutine);
	tcase_add_test(tcase, of_thread);
	tcase_add_test(tcase, of_handler);
	return run_scenes("around: stacks", tcase, argv);
}
