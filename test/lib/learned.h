/* SPDX-License-Identifier: MIT
 *
 * Memory that the children of one place in the program touch every time, and
 * ways to change what is mapped there: by libc's functions, and by system calls
 * of which the library is not told; with one thread, and with two.
 */
#ifndef TEST_LEARNED_H
#define TEST_LEARNED_H

#include <pthread.h>
#include <signal.h>
#include <sys/mman.h>

#include "util.h"

/* Several places, close together and far apart, that are whole chunks. */
enum { PLACES = 12, SIZE = 32 << 20, ROUNDS = 40 };

static volatile unsigned char *area;
static unsigned char value;

static volatile unsigned char *place(int i)
{
	static const int at[PLACES] = {0,   5,	  9,	40,   41,   300,
				       301, 1000, 1020, 4000, 4001, 7000};

	return area + (size_t)at[i] * PAGE;
}

/* ---- the ways to change it ---- */

enum { TWO_THREADS = 1, INLINE = 2, WAYS = 4 };
static int way;

static UNUSED void protect(volatile void *at, size_t size, int prot)
{
	long r = way & INLINE ? vs_sys(SYS_mprotect, at, size, prot)
			      : mprotect((void *)at, size, prot);

	ck_assert_int_eq(r, 0);
}

static UNUSED void unmap(volatile void *at, size_t size)
{
	long r = way & INLINE ? vs_sys(SYS_munmap, at, size)
			      : munmap((void *)at, size);

	ck_assert_int_eq(r, 0);
}

static UNUSED void map_over(volatile void *at, size_t size, int kind, int fd)
{
	int flags = kind | MAP_FIXED | (fd < 0 ? MAP_ANONYMOUS : 0);
	int prot = PROT_READ | PROT_WRITE;
	void *r;

	if (way & INLINE)
		r = (void *)vs_sys(SYS_mmap, at, size, prot, flags, fd, 0);
	else
		r = mmap((void *)at, size, prot, flags, fd, 0);
	ck_assert_ptr_eq(r, (void *)at);
}

static void *sleeps(void *unused)
{
	for (;;)
		pause();
	return unused;
}

static void start(int i)
{
	pthread_t thread;
	void *at = mmap(NULL, SIZE, PROT_READ | PROT_WRITE,
			MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	way = i;
	if (way & TWO_THREADS)
		ck_assert_int_eq(pthread_create(&thread, NULL, sleeps, NULL),
				 0);
	ck_assert_ptr_ne(at, MAP_FAILED);
	area = at;
	for (size_t i = 0; i < SIZE; i += PAGE)
		area[i] = 1;
}

static void set_all(unsigned char to)
{
	value = to;
	for (int i = 0; i < PLACES; i++) {
		place(i)[0] = to;
		place(i)[PAGE - 1] = to;
	}
}

/* Reads all of them, and writes to all. */
static bool reads_and_writes(void)
{
	bool ok = true;

	for (int i = 0; i < PLACES; i++) {
		ok = ok && place(i)[0] == value && place(i)[PAGE - 1] == value;
		place(i)[0] = 0xee;
		ok = ok && place(i)[0] == 0xee;
	}
	return ok;
}

static bool is_as_it_was(void)
{
	bool ok = true;

	for (int i = 0; i < PLACES; i++)
		ok = ok && place(i)[0] == value && place(i)[PAGE - 1] == value;
	return ok;
}

/* The one place that forks. A child that is not as it should be execs, too: if
 * it ended otherwise, another one would be made that is. */
static pid_t a_child(bool (*good)(void))
{
	pid_t pid = fork();

	if (!pid)
		exec_exit(good() ? 4 : 50);
	return pid;
}

static UNUSED void learn(void)
{
	for (int n = 0; n < ROUNDS; n++) {
		set_all((unsigned char)n);
		exits_with(a_child(reads_and_writes), 4);
		ck_assert(is_as_it_was());
	}
}

/* What is done to one of them, or elsewhere. */
enum { ONE = 3, ALONE = PLACES - 1, WRITTEN = 99 };
static volatile unsigned char *elsewhere UNUSED;

static UNUSED bool exec_only(void)
{
	return true;
}

static UNUSED bool writes_one(void)
{
	place(ONE)[0] = WRITTEN;
	return true;
}

/* Each test once for each way; main's exit status. */
static int run_learned(const char *name, const TTest *const *tests, int n)
{
	TCase *tcase = tcase_create(name);

	for (int i = 0; i < n; i++)
		tcase_add_loop_test(tcase, tests[i], 0, WAYS);
	tcase_set_timeout(tcase, 60);
	return run_suite(name, tcase);
}

/* The tests of a file, last in it. */
#define LEARNED(name, ...)                                      \
	int main(void)                                          \
	{                                                       \
		const TTest *const tests[] = {__VA_ARGS__};     \
                                                                \
		return run_learned(name, tests, LENGTH(tests)); \
	}

#endif
