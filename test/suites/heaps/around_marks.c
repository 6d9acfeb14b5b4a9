/* SPDX-License-Identifier: MIT
 *
 * Memory that the application itself keeps from its children, as libraries
 * for RDMA do with what a device writes to, and as V8 does: its marks are
 * where it has put them, after children of every kind.
 */
#include "marks.h"

/* Pages here and there, and a big block of its own. */
static void marked(void)
{
	static char before[65536], after[65536];
	char *block;

	map_area();
	block = mmap(NULL, SIZE, PROT_READ | PROT_WRITE,
		     MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	all_ways();
	marks(before, sizeof(before));
	/* libc itself may have memory that is wiped (glibc 2.41). */
	ck_assert_ptr_null(strstr(before, "dontfork"));
	ck_assert_int_eq(adviser(block, SIZE, MADV_DONTFORK), 0);
	for (int i = 0; i < MARKS; i++)
		ck_assert_int_eq(
			adviser(area + 2L * i * CHUNK, PAGE, MADV_DONTFORK), 0);
	marks(before, sizeof(before));
	ck_assert_ptr_nonnull(strstr(before, "dontfork"));
	all_ways();
	marks(after, sizeof(after));
	same_text(after, before);
	child_lacks(block);
	child_lacks(area);
	child_lacks(area + 2L * (MARKS - 1) * CHUNK);
	child_has(area + PAGE);
	child_has(area + SIZE - 1);
	marks(after, sizeof(after));
	same_text(after, before);
	ck_assert_int_eq(adviser(area, SIZE, MADV_DOFORK), 0);
	child_has(area);
	child_lacks(block);
}

/* What the kernel refuses is no mark, and hides none; and it knows of whole
 * pages only. */
static void odd(void)
{
	static char before[4096], after[4096];
	char *beyond;

	map_area();
	beyond = area + SIZE / 2 + PAGE;
	ck_assert_int_eq(adviser(area, SIZE / 2, MADV_DONTFORK), 0);
	for (size_t end = 0; end <= PAGE; end += PAGE)
		adviser(beyond, end - (size_t)beyond, MADV_DONTFORK);
	ck_assert_int_eq(adviser(area + SIZE - PAGE, 1, MADV_DONTFORK), 0);
	marks(before, sizeof(before));
	all_ways();
	marks(after, sizeof(after));
	same_text(after, before);
	child_lacks(area);
	child_lacks(area + SIZE - 1);
	child_has(area + SIZE / 2);
	ck_assert_int_eq(adviser(area, SIZE, MADV_DOFORK), 0);
	child_has(area);
}

START_TEST(odd_sizes)
{
	adviser = advisers[_i];
	commits(odd);
}
END_TEST

START_TEST(dont_fork)
{
	adviser = advisers[_i];
	commits(marked);
}
END_TEST

static void wiped(void)
{
	static char before[4096], after[4096];

	map_area();
	ck_assert_int_eq(adviser(area, SIZE, MADV_WIPEONFORK), 0);
	marks(before, sizeof(before));
	all_ways();
	for (int execs = 0; execs < 2; execs++) {
		pid_t pid = fork();

		if (!pid) {
			if (!all_bytes(area, SIZE, 0))
				_exit(50);
			if (execs)
				become_program();
			_exit(4);
		}
		exits_with(pid, 4);
	}
	marks(after, sizeof(after));
	same_text(after, before);
	ck_assert(all_bytes(area, SIZE, 'a'));
}

START_TEST(wipe_on_fork)
{
	adviser = advisers[_i];
	commits(wiped);
}
END_TEST

/* A mark goes where its mapping goes, and with it. */
static void *move(void *old, size_t size, size_t new_size)
{
	if (adviser == by_function)
		return mremap(old, size, new_size, MREMAP_MAYMOVE);
	return (void *)syscall(SYS_mremap, old, size, new_size, MREMAP_MAYMOVE,
			       NULL);
}

static void moved(void)
{
	char *wall;

	map_area();
	ck_assert_int_eq(adviser(area, SIZE, MADV_DONTFORK), 0);
	/* Something behind it, so that it cannot grow in place. */
	wall = mmap(area + SIZE, PAGE, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS,
		    -1, 0);
	ck_assert_ptr_ne(wall, MAP_FAILED);
	area = move(area, SIZE, 2 * SIZE);
	ck_assert_ptr_ne(area, MAP_FAILED);
	all_ways();
	child_lacks(area);
	child_lacks(area + SIZE);
	ck_assert_int_eq(munmap(area, 2 * SIZE), 0);
	map_area();
	child_has(area);
}

START_TEST(mark_moves)
{
	adviser = advisers[_i];
	commits(moved);
}
END_TEST

int main(int argc UNUSED, char **argv)
{
	TCase *tcase = tcase_create("marks");

	tcase_add_loop_test(tcase, dont_fork, 0, LENGTH(advisers));
	tcase_add_loop_test(tcase, odd_sizes, 0, LENGTH(advisers));
	tcase_add_loop_test(tcase, wipe_on_fork, 0, LENGTH(advisers));
	tcase_add_loop_test(tcase, mark_moves, 0, LENGTH(advisers));
	return run_scenes("around: marks", tcase, argv);
}
