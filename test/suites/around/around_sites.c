/* SPDX-License-Identifier: MIT
 *
 * Programs that have one fork() for all they do, as perl, Ruby and GLib have:
 * it execs and works on in turn. A transaction is right for the former only,
 * and in mode auto that is foreseen: by what comes after what, or by who calls
 * the function that forks.
 */
#include <pthread.h>
#include <time.h>

#include "around.h"
#if __has_include("context.h")
#	include "context.h"
#endif

enum { ROUNDS = 40 };

static __attribute__((noinline)) pid_t one_for_all(void)
{
	pid_t pid = fork();

	__asm__ volatile("");
	return pid;
}

static uint64_t worked_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return (uint64_t)t.tv_sec * 1000000000 + (uint64_t)t.tv_nsec;
}

/* Longer than a fork takes. */
static _Noreturn void work_on(void)
{
	while (worked_ns() < 30000000)
		;
	_exit(4);
}

/* So that a fork takes much longer than a thread may have to wait. */
static void grow(void)
{
	enum { BYTES = 192 << 20 };
	char *more = mmap(NULL, BYTES, PROT_READ | PROT_WRITE,
			  MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	ck_assert_ptr_ne(more, MAP_FAILED);
	madvise(more, BYTES, MADV_NOHUGEPAGE);
	memset(more, 1, BYTES);
}

/* `commands` that exec for each that does not. */
static void in_turn(int commands)
{
	grow();
	for (int i = 0; i < ROUNDS * (commands + 1); i++) {
		pid_t pid = one_for_all();

		if (!pid && i % (commands + 1))
			become_program();
		if (!pid)
			work_on();
		exits_with(pid, 4);
	}
}

static int counted(const char *what)
{
	char *text = slurp(summary_file), *at = strstr(text, "transactions ");
	int n = -1;

	at = at ? strstr(at, what) : NULL;
	if (at)
		sscanf(at + strlen(what), "%d", &n);
	free(text);
	return n;
}

/* The figure that follows the first `name` in the summary; 0: there is none. */
static double figure(const char *name, const char *format)
{
	char *text = slurp(summary_file), *at = strstr(text, name);
	double x = 0;

	if (at)
		sscanf(at + strlen(name), format, &x);
	free(text);
	return x;
}

/* A child that has to leave waits for a processor first, where others have it:
 * then a few of these cost so much that the site has no credit for long
 * (price.c: three native forks, and one of debt). */
static bool is_in_debt(void)
{
	enum { NATIVES = 8 };
	double lost_us = figure("lost ms", "%lf") * 1000;

	return lost_us > NATIVES * figure("native ", "%*d %lf");
}

/* Each command by a transaction, and no other child, but for the first few from
 * which it is learned. On a busy machine a transaction may be too dear. */
static void foreseen(void (*scene)(void), int commands)
{
	bool automatic = preloaded() && !strcmp(getenv("VSPAWN_FORK"), "auto");

	if (!play(scene) || !automatic || !possible ||
	    summary_has("take longer here than a native fork") ||
	    summary_has("a native fork is as cheap") || is_in_debt())
		return;
	by_engines(counted("committed ") >= ROUNDS * commands / 3);
	by_engines(counted("rolled back ") <= ROUNDS / 4);
}

static void by_one(void)
{
	in_turn(1);
}

START_TEST(every_second)
{
	foreseen(by_one, 1);
}
END_TEST

static void by_two(void)
{
	in_turn(2);
}

START_TEST(two_of_three)
{
	foreseen(by_two, 2);
}
END_TEST

static void by_none(void)
{
	in_turn(0);
}

/* The first is tried, and perhaps another. */
START_TEST(none)
{
	foreseen(by_none, 0);
}
END_TEST

/* Which of two ways comes next follows no pattern. */
static bool tossed(void)
{
	static uint32_t state = 20231;

	state = state * 1103515245U + 12345;
	return state >> 30 & 1;
}

static __attribute__((noinline)) pid_t runs(void)
{
	pid_t pid = one_for_all();

	if (!pid)
		become_program();
	__asm__ volatile("");
	return pid;
}

static __attribute__((noinline)) pid_t serves(void)
{
	pid_t pid = one_for_all();

	if (!pid)
		work_on();
	__asm__ volatile("");
	return pid;
}

static void at_random(void)
{
	grow();
	for (int i = 0; i < ROUNDS * 2; i++)
		exits_with(tossed() ? runs() : serves(), 4);
}

/* Its stack is not the first one. */
static void *thread(void *argument)
{
	at_random();
	return argument;
}

static void in_thread(void)
{
	pthread_t id;

	ck_assert_int_eq(pthread_create(&id, NULL, thread, NULL), 0);
	pthread_join(id, NULL);
}

#if VS_ARCH_SHARE /* whose call frame information can be read */
START_TEST(two_callers)
{
	foreseen(at_random, 1);
}
END_TEST

START_TEST(two_callers_in_thread)
{
	foreseen(in_thread, 1);
}
END_TEST
#endif

int main(int argc UNUSED, char **argv)
{
	TCase *tcase = tcase_create("sites");

	tcase_add_test(tcase, every_second);
	tcase_add_test(tcase, two_of_three);
	tcase_add_test(tcase, none);
#if VS_ARCH_SHARE
	tcase_add_test(tcase, two_callers);
	tcase_add_test(tcase, two_callers_in_thread);
#endif
	return run_scenes("around: sites", tcase, argv);
}
