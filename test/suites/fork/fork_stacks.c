/* SPDX-License-Identifier: MIT
 *
 * fork() from unusual stacks and at unusual moments: threads, handlers,
 * coroutines, atfork handlers, a child of vfork().
 */
#include <pthread.h>
#include <ucontext.h>

#include "util.h"

/* One that execs, one that does not, one that writes to its stack first. */
static void three_children(void)
{
	volatile char frame[3000];

	memset((char *)frame, 'p', sizeof(frame));
	for (int n = 0; n < 3; n++) {
		pid_t pid = fork();

		if (!pid) {
			memset((char *)frame, 'c', sizeof(frame));
			if (n)
				exec_exit(4);
			_exit(heap[77777] == heap_word(77777) ? 4 : 50);
		}
		exits_with(pid, 4);
		ck_assert(all_bytes(frame, sizeof(frame), 'p'));
	}
}

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

/* Handlers run in the order POSIX says, once per fork() in parent and child;
 * not for _Fork(). */
static char order[256], *order_end = order;
static bool nested;

static void note(char what)
{
	*order_end++ = what;
	*order_end = '\0';
}

static void prepare_1(void)
{
	note('1');
}

static void prepare_2(void)
{
	note('2');
	if (nested) {
		nested = false;
		three_children();
		nested = true;
	}
}

static void parent_1(void)
{
	note('a');
}

static void parent_2(void)
{
	note('b');
}

static void child_1(void)
{
	heap[1000] = 1;
	note('A');
}

static void child_2(void)
{
	heap[2000] = 2;
	note('B');
}

START_TEST(atfork)
{
	char *expected[] = {"21AB", "21ab"};

	pthread_atfork(prepare_1, parent_1, child_1);
	pthread_atfork(prepare_2, parent_2, child_2);
	for (int n = 0; n < 4; n++) {
		pid_t pid;

		order_end = order;
		pid = fork();
		if (!pid) {
			if (heap[1000] != 1 || heap[2000] != 2 ||
			    strcmp(order, expected[0]))
				_exit(50);
			if (n % 2)
				exec_exit(4);
			_exit(4);
		}
		ck_assert_str_eq(order, expected[1]);
		exits_with(pid, 4);
		ck_assert(heap[1000] == heap_word(1000));
		order_end = order;
		*order = '\0';
		if (!HAS__FORK)
			continue;
		pid = _Fork();
		if (!pid)
			_exit(*order ? 50 : 4);
		ck_assert_str_eq(order, "");
		exits_with(pid, 4);
	}
	nested = true;
	order_end = order;
	three_children();
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
	tcase_add_test(tcase, atfork);
	return run_suite("fork: stacks", tcase);
}
