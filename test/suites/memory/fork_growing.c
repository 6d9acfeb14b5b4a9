/* SPDX-License-Identifier: MIT
 *
 * Memory that another thread makes larger while a child is being made stays one
 * mapping: as an allocator's arena, upwards, the heap by brk(), and what is
 * mapped below all else, downwards.
 */
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>

#include "around.h"

/* So many pieces are added during one fork at most, and not all at once: some
 * MiB in all make the library look at the map again. The first look cannot know
 * of it. */
enum { PIECE = 1 << 16, PIECES = 64, CHILDREN = 200, FEW = 4 };

static const size_t start = 4 << 20, most = (size_t)CHILDREN * PIECES * PIECE;

static atomic_int forking;
static char *lo, *hi;

/* The first of them comes before the child. */
static void begins(void)
{
	forking = PIECES;
	while (forking == PIECES)
		sched_yield();
}

static void ends(void)
{
	forking = 0;
}

static char *by_brk(void)
{
	return sbrk(PIECE);
}

static char *upwards(void)
{
	return mprotect(hi, PIECE, PROT_READ | PROT_WRITE) ? NULL : hi;
}

static char *downwards(void)
{
	char *at = lo - PIECE;

	return mprotect(at, PIECE, PROT_READ | PROT_WRITE) ? NULL : at;
}

static char *(*const directions[])(void) = {upwards, downwards, by_brk};
static char *(*grow)(void);

static void *grows(void *unused)
{
	int left;
	char *at;

	for (;;) {
		left = forking;
		if (left <= 0 || !atomic_compare_exchange_strong(
					 &forking, &left, left - 1)) {
			sched_yield();
			continue;
		}
		at = grow();
		memset(at, 1, PIECE);
		usleep(50);
		lo = at < lo ? at : lo;
		hi = at >= hi ? at + PIECE : hi;
	}
	return unused;
}

static void reserve(void)
{
	lo = grow == by_brk
		     ? sbrk((intptr_t)start)
		     : mmap(NULL, 2 * most + start, PROT_NONE,
			    MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	ck_assert_ptr_ne(lo, MAP_FAILED);
	if (grow != by_brk) {
		lo += most;
		mprotect(lo, start, PROT_READ | PROT_WRITE);
	}
	hi = lo + start;
	memset(lo, 1, start);
}

/* Those that can be written to, between `lo` and `hi`. */
static int mappings(void)
{
	char line[256], access[5];
	FILE *file = fopen("/proc/self/maps", "r");
	unsigned long from, to;
	int n = 0;

	ck_assert_ptr_nonnull(file);
	while (fgets(line, sizeof(line), file)) {
		if (sscanf(line, "%lx-%lx %4s", &from, &to, access) == 3 &&
		    !strncmp(access, "rw", 2) && from < (uintptr_t)hi &&
		    to > (uintptr_t)lo)
			n++;
	}
	fclose(file);
	return n;
}

static void children(void)
{
	pthread_t thread;

	reserve();
	pthread_atfork(begins, ends, NULL);
	ck_assert_int_eq(pthread_create(&thread, NULL, grows, NULL), 0);
	for (int n = 0; n < CHILDREN; n++)
		exits_with(by_fork(), 4);
	ck_assert((size_t)(hi - lo) > start);
	ck_assert_int_le(mappings(), FEW);
}

START_TEST(stays_one_mapping)
{
	grow = directions[_i];
	commits(children);
}
END_TEST

int main(int argc UNUSED, char **argv)
{
	TCase *tcase = tcase_create("growing");

	tcase_add_loop_test(tcase, stays_one_mapping, 0, LENGTH(directions));
	return run_scenes("fork: growing", tcase, argv);
}
