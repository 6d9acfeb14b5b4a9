/* SPDX-License-Identifier: MIT
 *
 * What a program has told the kernel of its memory by madvise(): a child finds
 * of it what it is to find, before exec and without one.
 */
#include "maps.h"

START_TEST(dont_fork)
{
	area = anonymous();
	madvise(area, SIZE, MADV_DONTFORK);
	crash_in_child(read_one);
	crash_in_child(write_one);
	madvise(area, SIZE / 4, MADV_DOFORK);
	crash_in_child(read_one);
	madvise(area, SIZE, MADV_DOFORK);
	in_child(read_a);
	/* The application's mark is its own, in the middle of a big area. */
	madvise(area + SIZE / 2, PAGE, MADV_DONTFORK);
	crash_in_child(read_one);
	crash_in_child(read_one);
	ck_assert(read_a());
}
END_TEST

static bool read_zero(void)
{
	return holds(area, SIZE, 0);
}

START_TEST(wipe_on_fork)
{
	area = anonymous();
	madvise(area, SIZE, MADV_WIPEONFORK);
	in_child(read_zero);
	ck_assert(read_a());
	madvise(area, SIZE, MADV_KEEPONFORK);
	in_child(read_a);
}
END_TEST

START_TEST(advice)
{
	static const int advices[] = {MADV_HUGEPAGE, MADV_NOHUGEPAGE,
				      MADV_SEQUENTIAL, MADV_DONTDUMP,
				      MADV_DODUMP};

	area = anonymous();
	for (int i = 0; i < LENGTH(advices); i++) {
		madvise(area, SIZE, advices[i]);
		in_child(read_a);
	}
	madvise(area, SIZE, MADV_DONTNEED);
	in_child(read_zero);
}
END_TEST

int main(void)
{
	TCase *tcase = tcase_create("maps");

	tcase_add_test(tcase, dont_fork);
	tcase_add_test(tcase, wipe_on_fork);
	tcase_add_test(tcase, advice);
	return run_suite("fork: maps with advice", tcase);
}
