/* SPDX-License-Identifier: MIT
 *
 * Heaps of 60 GB, and beside ten thousand mappings, or as many as there can be.
 */
#include "heaps.h"

/* 60 GB, of which little is there. */
static void sparse(void)
{
	map((size_t)60 << 30, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1);
	madvise(area, area_size, MADV_NOHUGEPAGE);
	with_step((size_t)64 << 20);
}

START_TEST(mostly_virtual)
{
	commits(sparse);
}
END_TEST

/* `n` mappings of two pages that the kernel cannot join. */
static int many_mappings(int n)
{
	int made = 0;

	for (; made < n; made++) {
		char *at = mmap(NULL, 3 * PAGE, PROT_NONE,
				MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

		if (at == MAP_FAILED ||
		    mprotect(at + PAGE, 2 * PAGE, PROT_READ | PROT_WRITE))
			break;
		at[PAGE] = 'm';
	}
	return made;
}

static void ten_thousand(void)
{
	map(SIZE, MAP_PRIVATE | MAP_ANONYMOUS, -1);
	ck_assert_int_eq(many_mappings(5000), 5000);
	with_step(PAGE);
}

START_TEST(many)
{
	commits(ten_thousand);
}
END_TEST

/* As many as the kernel allows: the mark that splits one is refused. */
static void no_more(void)
{
	map(SIZE, MAP_PRIVATE | MAP_ANONYMOUS, -1);
	fill(PAGE);
	all_ways();
	if (many_mappings(100000) == 100000)
		skip("no limit within reach");
	while (mmap(NULL, PAGE, PROT_READ, MAP_SHARED | MAP_ANONYMOUS, -1, 0) !=
	       MAP_FAILED)
		;
	for (int i = 0; i < LENGTH(ways); i++) {
		/* libc's needs a mapping for the stack of its child. */
		if (ways[i] != by_spawn)
			exits_with(ways[i](), 4);
	}
	ck_assert(filled(PAGE));
}

START_TEST(most)
{
	works(no_more);
}
END_TEST

int main(int argc UNUSED, char **argv)
{
	TCase *tcase = tcase_create("mappings");

	tcase_add_test(tcase, mostly_virtual);
	tcase_add_test(tcase, many);
	tcase_add_test(tcase, most);
	return run_scenes("around: mappings", tcase, argv);
}
