/* SPDX-License-Identifier: MIT
 *
 * Kinds of mappings: what a child finds in each, before exec and without one.
 */
#include "maps.h"

START_TEST(protection)
{
	area = anonymous();
	in_child(read_a);
	mprotect(area, SIZE, PROT_READ);
	in_child(read_a);
	crash_in_child(write_one);
	mprotect(area, SIZE, PROT_NONE);
	crash_in_child(read_one);
	mprotect(area, SIZE, PROT_READ | PROT_WRITE);
	mprotect(area + SIZE / 2, PAGE, PROT_NONE);
	crash_in_child(read_one);
	mprotect(area + SIZE / 2, PAGE, PROT_READ);
	in_child(read_a);
	crash_in_child(write_one);
	ck_assert(read_a());
}
END_TEST

START_TEST(removed)
{
	area = anonymous();
	in_child(read_a);
	munmap(area + SIZE / 2, PAGE);
	crash_in_child(read_one);
	munmap(area, SIZE);
	crash_in_child(read_one);
}
END_TEST

START_TEST(moved)
{
	unsigned char *old = anonymous();

	area = old;
	in_child(read_a);
	area = mremap(old, SIZE, SIZE + (2 << 20), MREMAP_MAYMOVE);
	ck_assert_ptr_ne(area, MAP_FAILED);
	in_child(read_a);
	ck_assert(holds(area + SIZE, 2 << 20, 0));
}
END_TEST

static bool shared_write(void)
{
	bool good = area[0] == 'a';

	area[1]++;
	return good;
}

/* What the child of one that execs and of one that does not has written. */
START_TEST(shared)
{
	area = map(PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1);
	area[0] = 'a';
	in_child(shared_write);
	ck_assert_int_eq(area[1], 2);
	in_child(shared_write);
	ck_assert_int_eq(area[1], 4);
}
END_TEST

START_TEST(files)
{
	int fd = memfd_create("file", 0);

	for (int i = 0; i < SIZE / 8; i++)
		ck_assert_int_eq(write(fd, "aaaaaaaa", 8), 8);
	area = map(PROT_READ | PROT_WRITE, MAP_PRIVATE, fd);
	in_child(read_a);
	in_child(write_one);
	ck_assert(read_a());
	memset(area, 'b', SIZE / 4);
	memset(area, 'a', SIZE / 4);
	in_child(read_a);
	munmap(area, SIZE);
	area = map(PROT_READ | PROT_WRITE, MAP_SHARED, fd);
	in_child(write_one);
	ck_assert_int_eq(area[SIZE / 2], 'b');
}
END_TEST

/* sbrk() is refused where something lies behind the heap. */
START_TEST(program_break)
{
	area = sbrk(SIZE);
	if (area == (void *)-1)
		return;
	memset(area, 'a', SIZE);
	in_child(read_a);
	in_child(write_one);
	ck_assert(read_a());
}
END_TEST

/* Many areas, so many that only some can be spared the copying. */
START_TEST(many)
{
	enum { N = 1000, EACH = 256 << 10 };

	for (int i = 0; i < N; i++) {
		unsigned char *at = mmap(NULL, EACH + PAGE, PROT_NONE,
					 MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

		mprotect(at, EACH, PROT_READ | PROT_WRITE);
		at[EACH / 2] = 'a';
		area = at + EACH / 2 - SIZE / 2;
		if (i % 100 == 0)
			in_child(read_one);
	}
	in_child(read_one);
}
END_TEST

int main(void)
{
	TCase *tcase = tcase_create("maps");

	tcase_add_test(tcase, protection);
	tcase_add_test(tcase, removed);
	tcase_add_test(tcase, moved);
	tcase_add_test(tcase, shared);
	tcase_add_test(tcase, files);
	tcase_add_test(tcase, program_break);
	tcase_add_test(tcase, many);
	return run_suite("fork: maps", tcase);
}
