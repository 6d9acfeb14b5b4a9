/* SPDX-License-Identifier: MIT
 * libc/unwind/unwind.c against backtrace(), in stacks of all sorts of
 * functions. */
#include <execinfo.h>
#include <pthread.h>
#include <signal.h>

#include "port.h"
#include "libc/unwind/unwind.h"
#include "unit.h"

#if VS_ARCH_SHARE

#	include "frames.h"

/* Kept from walk to walk, as the engine does. */
static struct vs_unwind_cache cache;
static uintptr_t top;
static bool whole = true; /* a walk goes up to where the thread began */
static unsigned walks, frames;
static uintptr_t reached; /* by the last one */

static char where[256];

/* Whether the frames above are those that backtrace() finds. */
static PLAIN void walk(void)
{
	struct vs_frame frame = {
		.pc = (uintptr_t)__builtin_return_address(0),
		.sp = (uintptr_t)__builtin_dwarf_cfa(),
		.fp = *(uintptr_t *)__builtin_frame_address(0),
		.top = top,
	};
	void *expect[200];
	int n = backtrace(expect, LENGTH(expect)), i = 0;

	reached = 0;
	walks++;
	/* What is before is in here, or in the sanitizer's own backtrace(). */
	while (i < 3 && frame.pc != (uintptr_t)expect[i])
		i++;
	for (; i < n && !*where; i++) {
		if (frame.pc != (uintptr_t)expect[i] || frame.sp <= reached)
			sprintf(where, "walk %u, frame %d of %d: %#lx not %p",
				walks, i, n, (unsigned long)frame.pc,
				expect[i]);
		reached = frame.sp;
		if (!vs_unwind(&frame, &cache))
			break;
	}
	frames += (unsigned)i;
	if (!*where && whole && i != n - 1)
		sprintf(where, "walk %u: %d frames of %d", walks, i, n);
}

static uintptr_t stack_top(void)
{
	pthread_attr_t attr;
	size_t size;
	void *low;

	pthread_getattr_np(pthread_self(), &attr);
	pthread_attr_getstack(&attr, &low, &size);
	pthread_attr_destroy(&attr);
	return (uintptr_t)low + size;
}

START_TEST(as_backtrace)
{
	struct dice d = dice(1);

	top = stack_top();
	for (int i = 0; i < 500 && !*where; i++)
		any(&d, (int)roll(&d, 12));
	ck_assert_str_eq(where, "");
	ck_assert_uint_eq(walks, 500);
	/* They were long ones. */
	ck_assert_uint_ge(frames, 500 * 10);
}
END_TEST

static void *in_thread(void *arg)
{
	struct dice d = dice(2);

	(void)arg;
	top = stack_top();
	for (int i = 0; i < 100 && !*where; i++)
		any(&d, (int)roll(&d, 12));
	return NULL;
}

START_TEST(in_a_thread)
{
	pthread_t thread;

	pthread_create(&thread, NULL, in_thread, NULL);
	pthread_join(thread, NULL);
	ck_assert_str_eq(where, "");
	ck_assert_uint_eq(walks, 100);
}
END_TEST

/* What is not known ends a walk: a signal's frame, one whose end is known by
 * an expression, and the end of the stack. */
static void on_signal(int sig)
{
	(void)sig;
	walk();
	AFTER;
}

START_TEST(ends)
{
	struct dice d = dice(3);
	unsigned before;

	whole = false;
	top = stack_top();
	signal(SIGUSR1, on_signal);
	raise(SIGUSR1);
	ck_assert_uint_le(frames, 3);
	before = frames;
	by_expression(walk);
	ck_assert_uint_le(frames - before, 3);
	/* Of which the next needs the frame pointer. */
	before = frames;
	loses_fp(walk);
	ck_assert_uint_le(frames - before, 4);
	top = (uintptr_t)__builtin_frame_address(0);
	plain(&d, 0);
	ck_assert_uint_le(reached, top);
	top = stack_top();
	plain(&d, 0);
	ck_assert_uint_gt(reached, (uintptr_t)__builtin_frame_address(0));
	ck_assert_str_eq(where, "");
}
END_TEST

START_TEST(by_hand)
{
	struct dice d = dice(5);

	top = stack_top();
	calls_last(walk);
	for (int i = 0; i < 500; i++)
		alike[roll(&d, 20)](walk);
	ck_assert_str_eq(where, "");
}
END_TEST

/* Another object may lie now where a rule was read. */
START_TEST(stale_rules)
{
	struct dice d = dice(6);

	top = stack_top();
	for (int i = 0; i < 50; i++) {
		any(&d, 3);
		for (int j = 0; j < VS_UNWIND_CACHE; j++) {
			cache.rule[j].code = 0;
			cache.rule[j].cfa_offset += 8;
		}
	}
	ck_assert_str_eq(where, "");
}
END_TEST

/* A frame without a place in the code, or with one where there is none. */
START_TEST(no_such_place)
{
	uintptr_t stack[8] = {0};
	struct vs_frame frame = {.sp = (uintptr_t)stack,
				 .fp = (uintptr_t)stack,
				 .top = (uintptr_t)(stack + 8)},
			before = frame;

	ck_assert(!vs_unwind(&frame, &cache));
	frame.pc = before.pc = (uintptr_t)(stack + 2);
	ck_assert(!vs_unwind(&frame, &cache));
	ck_assert_mem_eq(&frame, &before, sizeof(frame));
}
END_TEST

UNIT(unwind, as_backtrace, in_a_thread, ends, by_hand, stale_rules,
     no_such_place)

#else

int main(void)
{
	puts("no --fork=share on this CPU");
	return 77;
}

#endif
