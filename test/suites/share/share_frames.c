/* SPDX-License-Identifier: MIT
 * fork() that shares memory: the parent's frames, and other stacks. */
#include "share_test.h"

enum { LOCALS = 40 };

/* How far up the child returns before it does something, and how. */
static int levels, code;
static bool jumps;

static NOINLINE void fill(volatile long *locals, long with)
{
	for (int i = 0; i < LOCALS; i++)
		locals[i] = with + i;
}

static NOINLINE void intact(const volatile long *locals, long with)
{
	for (int i = 0; i < LOCALS; i++)
		ck_assert_msg(locals[i] == with + i,
			      "%d: %ld instead of %ld; threads %d levels %d "
			      "code %d jumps %d",
			      i, locals[i], with + i, threads, levels, code,
			      jumps);
}

/* Uses far more stack than its callers' frames. */
static NOINLINE void child_code(int code)
{
	volatile char buffer[20000];
	char *volatile some;

	for (size_t i = 0; i < sizeof(buffer); i++)
		buffer[i] = (char)0xa5;
	some = malloc(100);
	strcpy(some, "text");
	free(some);
	if (code == 5)
		exec_exit(5);
	exec_fails();
	exit(code);
}

/* The child goes on in place of the caller. */
static NOINLINE int instead(int code)
{
	volatile long locals[LOCALS];

	fill(locals, -1);
	if (code == 5)
		exec_exit(5);
	execl("/nonexistent", "nonexistent", NULL);
	exit(code + locals[0] + 1);
}

static void act(int level)
{
	if (level != levels)
		return;
	if (code == 7)
		exec_fails();
	child_code(code);
}

static NOINLINE pid_t level_0(void)
{
	volatile long locals[LOCALS];
	pid_t pid;

	fill(locals, 1000);
	pid = fork();
	if (!pid) {
		fill(locals, 0);
		if (levels == 0 && code == 5)
			exec_exit(5);
		act(0);
		return 0;
	}
	intact(locals, 1000);
	return pid;
}

static NOINLINE pid_t level_1(void)
{
	volatile long locals[LOCALS];
	pid_t pid;

	fill(locals, 2000);
	pid = level_0();
	if (!pid) {
		fill(locals, 0);
		act(1);
		return 0;
	}
	intact(locals, 2000);
	return pid;
}

/* Nothing in this frame keeps the compiler from ending it in a jump. */
static NOINLINE pid_t level_1_jumps(void)
{
	pid_t pid = level_1();

	if (!pid && levels == 2)
		return instead(code);
	return pid;
}

static NOINLINE pid_t level_2(void)
{
	pid_t pid = jumps ? level_1_jumps() : level_1();

	if (!pid)
		act(2);
	return pid;
}

static NOINLINE void try_frames(void)
{
	for (int i = 0; i < 20; i++) {
		chld = 0;
		errno = 77;
		exits_with(level_2(), code);
		ck_assert_int_eq(errno, 77);
		one_child();
	}
}

START_TEST(frames)
{
	for (code = 5; code <= 7; code++) {
		for (levels = 0; levels < 3; levels++) {
			jumps = false;
			with_writers(try_frames);
		}
		levels = 2;
		jumps = true;
		with_writers(try_frames);
	}
}
END_TEST

/* ---- other stacks ---- */

static NOINLINE void three_children(void)
{
	volatile long locals[LOCALS];

	for (int i = 3; i < 6; i++) {
		pid_t pid;

		fill(locals, 3000);
		pid = fork();
		if (!pid) {
			fill(locals, 0);
			if (i == 3)
				_exit(3);
			if (i == 4)
				exec_exit(4);
			exit(i);
		}
		exits_with(pid, i);
		intact(locals, 3000);
	}
}

/* Some 4 KiB a level. */
static NOINLINE void deep(int n)
{
	volatile char some[4000];

	some[0] = some[sizeof(some) - 1] = (char)n;
	if (n)
		deep(n - 1);
	else
		three_children();
	ck_assert_int_eq(some[0], (char)n);
	ck_assert_int_eq(some[sizeof(some) - 1], (char)n);
}

static void *on_small_stack(void *arg)
{
	three_children();
	return arg;
}

static ucontext_t outside, inside;

static void on_coroutine(void)
{
	three_children();
	swapcontext(&inside, &outside);
}

static void run_coroutine(void *stack, size_t size)
{
	getcontext(&inside);
	inside.uc_stack.ss_sp = stack;
	inside.uc_stack.ss_size = size;
	inside.uc_link = &outside;
	makecontext(&inside, on_coroutine, 0);
	swapcontext(&outside, &inside);
}

START_TEST(stacks)
{
	static char in_bss[128 << 10];
	char on_stack[128 << 10];
	pthread_attr_t attributes;
	pthread_t thread;

	run_coroutine(in_bss, sizeof(in_bss));
	run_coroutine(malloc(128 << 10), 128 << 10); /* never freed */
	run_coroutine(on_stack, sizeof(on_stack));
	run_coroutine(heap, 128 << 10);
	deep(10);
	deep(50);
	deep(200);
	if (!threads)
		return;
	pthread_attr_init(&attributes);
	pthread_attr_setstacksize(&attributes, 48 << 10);
	pthread_create(&thread, &attributes, on_small_stack, NULL);
	pthread_join(thread, NULL);
}
END_TEST

static void add_all(TCase *tcase)
{
	tcase_add_test(tcase, frames);
	tcase_add_test(tcase, stacks);
}

int main(void)
{
	return run_share_suite("frames", add_all);
}
