/* SPDX-License-Identifier: MIT
 *
 * Memory that is not copied beside memory that is, and what a child does to it,
 * or has not.
 */
#include "shapes.h"

/* ---- next to memory that is copied ---- */

enum { PLACES = 4 };

/* Where lazy memory begins, by pages on either side of any chunk's begin. */
static unsigned char *border(int i)
{
	return shape + (size_t)i * 2 * MB + PIECE + (size_t)i * PAGE;
}

static void bordered(void)
{
	map_shape(MAP_ANONYMOUS, -1);
	for (int i = 0; i < PLACES; i++) {
		unsigned char *at = shape + (size_t)i * 2 * MB;

		if (madvise(at, (size_t)(border(i) - at), MADV_WIPEONFORK))
			skip("no MADV_WIPEONFORK");
	}
	fill_shape(0, SIZE);
}

/* A system call gets all of it. */
static bool writes_across(void)
{
	int ends[2];

	if (pipe(ends))
		return false;
	for (int i = 0; i < PLACES; i++) {
		unsigned char *at = border(i), copy[20];

		if (write(ends[1], at - 10, 20) != 20 ||
		    read(ends[0], copy, 20) != 20 || copy[9] ||
		    copy[17] != letter((size_t)(at - shape)))
			return false;
	}
	return true;
}

static void written_across(void)
{
	bordered();
	forks(writes_across);
}

/* What the child has mapped there stays. */
static bool maps_across(void)
{
	for (int i = 0; i < PLACES; i++) {
		unsigned char *at = border(i);

		if (mmap(at - PAGE, 2 * PAGE, PROT_READ | PROT_WRITE,
			 MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1,
			 0) == MAP_FAILED)
			return false;
		memset(at - PAGE, 'x', 2 * PAGE);
		if (at[PAGE + 7] != letter((size_t)(at - shape) + PAGE) ||
		    at[7] != 'x')
			return false;
	}
	return true;
}

static void mapped_across(void)
{
	bordered();
	forks(maps_across);
}

/* ---- what a child does to the map ---- */

static bool changes_map(void)
{
	unsigned char *at = shape + 3 * MB + PAGE;

	if (mprotect(at, 3 * PAGE, PROT_READ) ||
	    madvise(at + 8 * PAGE, PAGE, MADV_DONTNEED) ||
	    munmap(at + 16 * PAGE, PAGE))
		return false;
	return at[7] == letter((size_t)(at - shape)) && !at[8 * PAGE + 7] &&
	       is_right(3 * MB + 3 * PAGE, 3 * MB + 8 * PAGE, PAGE) &&
	       is_right(3 * MB + 10 * PAGE, 3 * MB + 17 * PAGE, PAGE) &&
	       is_right(3 * MB + 18 * PAGE, 4 * MB, PAGE);
}

static void changed_by_children(void)
{
	plain_shape();
	forks(changes_map);
	ck_assert(is_right(0, SIZE, PAGE));
}

static bool grows(void)
{
	unsigned char *at = shape + SIZE / 2;

	if (mprotect(at, MB, PROT_READ | PROT_WRITE))
		return false;
	memset(at, 'x', MB);
	return is_right(0, SIZE / 2, 5 * PIECE);
}

/* As a heap in the midst of addresses that are reserved for it. */
static void reserved(void)
{
	map_shape(MAP_ANONYMOUS, -1);
	protect_shape(PROT_NONE);
	ck_assert(!mprotect(shape, SIZE / 2, PROT_READ | PROT_WRITE));
	fill_shape(0, SIZE / 2);
	forks(grows);
}

/* ---- what a child has not ---- */

static bool is_wiped(void)
{
	for (size_t at = 0; at < SIZE; at += MB) {
		if (shape[at + 7])
			return false;
	}
	return true;
}

static void wiped(void)
{
	plain_shape();
	if (madvise(shape, SIZE, MADV_WIPEONFORK))
		skip("no MADV_WIPEONFORK");
	forks(is_wiped);
}

/* Between two pieces that are copied, and as they are in size. */
static void droppable(void)
{
	plain_shape();
	for (size_t at = 0; at < SIZE; at += MB) {
		if (mmap(shape + at, 4 * PIECE, PROT_READ | PROT_WRITE,
			 MAP_DROPPABLE | MAP_ANONYMOUS | MAP_FIXED, -1,
			 0) == MAP_FAILED)
			skip("no MAP_DROPPABLE");
	}
	fill_shape(0, SIZE);
	forks(is_wiped);
}

/* By number it is the same. */
static void droppable_by_number(void)
{
#ifdef SYS_mmap2
	enum { CALL = SYS_mmap2 };
#else
	enum { CALL = SYS_mmap };
#endif
	map_shape(MAP_ANONYMOUS, -1);
	if (syscall(CALL, shape, SIZE, PROT_READ | PROT_WRITE,
		    MAP_DROPPABLE | MAP_ANONYMOUS | MAP_FIXED, -1, 0) == -1)
		skip("no MAP_DROPPABLE");
	fill_shape(0, SIZE);
	forks(is_wiped);
}

static void (*const scenes[])(void) = {
	changed_by_children, reserved,	     wiped,
	droppable,	     written_across, mapped_across,
	droppable_by_number,
};

START_TEST(borders)
{
	commits(scenes[_i]);
}
END_TEST

int main(int argc, char **argv)
{
	TCase *tcase = tcase_create("borders");

	(void)argc;
	tcase_add_loop_test(tcase, borders, 0, LENGTH(scenes));
	return run_scenes("memory that is copied, and is not", tcase, argv);
}
