/* SPDX-License-Identifier: MIT
 *
 * Guard regions (MADV_GUARD_INSTALL, Linux 6.13) in memory that is not copied:
 * nothing is there to be read, though the mapping has no border there. glibc
 * guards the stacks of threads with them since 2.42.
 */
#include <pthread.h>

#include "around.h"

enum { SIZE = 32 << 20, GUARD_INSTALL = 102, STEP = 37 * PAGE };

static volatile unsigned char *area;

static void guard(void)
{
	unsigned char *at = mmap(NULL, SIZE, PROT_READ | PROT_WRITE,
				 MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	ck_assert_ptr_ne(at, MAP_FAILED);
	memset(at, 'a', SIZE);
	for (size_t i = 0; i < SIZE; i += STEP) {
		if (madvise(at + i, PAGE, GUARD_INSTALL))
			skip("no guard regions in this kernel");
	}
	area = at;
}

/* Before the guard, behind it, and some way off. */
static bool neighbours_are_read(void)
{
	for (size_t i = STEP; i < SIZE - STEP; i += 10 * STEP) {
		if (area[i - 1] != 'a' || area[i + PAGE] != 'a' ||
		    area[i + 9 * PAGE] != 'a')
			return false;
	}
	return true;
}

static void reads(void)
{
	guard();
	for (int n = 0; n < 4; n++) {
		pid_t pid = fork();

		if (!pid) {
			if (neighbours_are_read())
				become_program();
			_exit(50);
		}
		exits_with(pid, 4);
	}
}

START_TEST(beside)
{
	commits(reads);
}
END_TEST

static void writes(void)
{
	guard();
	for (int n = 0; n < 4; n++) {
		pid_t pid = fork();

		if (!pid) {
			/* Not copied, and now of another content. */
			area[STEP + PAGE] = 'b';
			if (area[STEP + PAGE] == 'b' && area[STEP - 1] == 'a')
				become_program();
			_exit(50);
		}
		exits_with(pid, 4);
		ck_assert_int_eq(area[STEP + PAGE], 'a');
	}
}

START_TEST(written)
{
	commits(writes);
}
END_TEST

static void touches(void)
{
	guard();
	for (int n = 0; n < 3; n++) {
		pid_t pid = fork();

		if (!pid) {
			if (area[STEP - 1] == 'a')
				area[STEP + PAGE - 1] = 'b';
			become_program();
		}
		dies_by(pid, SIGSEGV);
	}
}

START_TEST(touched)
{
	works(touches);
}
END_TEST

/* What is not there is not there for a system call either. */
static void passes(void)
{
	guard();
	for (int n = 0; n < 3; n++) {
		pid_t pid = fork();

		if (!pid) {
			unsigned char before = area[STEP - 1];
			int r = open((char *)area + STEP, O_RDONLY);

			if (r < 0 && errno == EFAULT && before == 'a')
				become_program();
			_exit(50);
		}
		exits_with(pid, 4);
	}
}

START_TEST(passed)
{
	works(passes);
}
END_TEST

static pthread_barrier_t barrier;

static void *waits(void *arg)
{
	pthread_barrier_wait(&barrier);
	pthread_barrier_wait(&barrier);
	return arg;
}

static void *starts_children(void *arg)
{
	for (int n = 0; n < 3; n++) {
		exits_with(by_fork(), 4);
		exits_with(by__Fork(), 4);
	}
	return arg;
}

/* Their stacks may be one mapping together. */
static void among_threads(void)
{
	enum { OTHERS = 20, MORE = 4 };
	pthread_t other[OTHERS], more;

	pthread_barrier_init(&barrier, NULL, OTHERS + 1);
	for (int i = 0; i < OTHERS; i++)
		pthread_create(&other[i], NULL, waits, NULL);
	pthread_barrier_wait(&barrier);
	for (int i = 0; i < MORE; i++) {
		pthread_create(&more, NULL, starts_children, NULL);
		pthread_join(more, NULL);
	}
	pthread_barrier_wait(&barrier);
	for (int i = 0; i < OTHERS; i++)
		pthread_join(other[i], NULL);
}

START_TEST(threads)
{
	commits(among_threads);
}
END_TEST

int main(int argc UNUSED, char **argv)
{
	TCase *tcase = tcase_create("guards");

	tcase_add_test(tcase, beside);
	tcase_add_test(tcase, written);
	tcase_add_test(tcase, touched);
	tcase_add_test(tcase, passed);
	tcase_add_test(tcase, threads);
	return run_scenes("around: guards", tcase, argv);
}
