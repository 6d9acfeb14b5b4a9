/* SPDX-License-Identifier: MIT
 * memory/app_marks.c: what the kernel has marked is unmarked, but for what the
 * application has. */
#include <sys/mman.h>

#include "app_marks.h"

/* Whether the kernel has the mark: "dc" among the flags of the mapping. */
static bool dontfork(const void *at)
{
	FILE *file = fopen("/proc/self/smaps", "r");
	unsigned long lo, hi;
	bool here = false, found = false;
	char line[512];

	ck_assert_ptr_nonnull(file);
	while (fgets(line, sizeof(line), file)) {
		if (sscanf(line, "%lx-%lx ", &lo, &hi) == 2)
			here = (uintptr_t)at >= lo && (uintptr_t)at < hi;
		if (here && !strncmp(line, "VmFlags:", 8))
			found = strstr(line, " dc ") != NULL;
	}
	fclose(file);
	return found;
}

/* So many pages that have the mark. */
static char *map_marked(size_t pages)
{
	char *at = mmap(NULL, pages * VS_PAGE, PROT_READ | PROT_WRITE,
			MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	ck_assert_ptr_ne(at, MAP_FAILED);
	madvise(at, pages * VS_PAGE, MADV_DONTFORK);
	return at;
}

/* Ours is taken away, the application's is not. */
START_TEST(only_others_are_unmarked)
{
	char *at = map_marked(3);
	uintptr_t lo = (uintptr_t)at;

	ck_assert(dontfork(at));
	vs_app_marks_add(VS_MARK_DONTFORK, lo, lo + VS_PAGE);
	vs_app_marks_unmark_others(lo, lo + VS_PAGE);
	vs_app_marks_unmark_others(lo + 2 * VS_PAGE, lo + 3 * VS_PAGE);
	ck_assert(dontfork(at));
	ck_assert(dontfork(at + VS_PAGE));
	ck_assert(!dontfork(at + 2 * VS_PAGE));
	vs_app_marks_remove(VS_MARK_DONTFORK, lo, lo + VS_PAGE);
	vs_app_marks_unmark_others(lo, lo + VS_PAGE);
	ck_assert(!dontfork(at));
}
END_TEST

/* The kernel has them as one mapping. */
START_TEST(others_beside_it_are_unmarked)
{
	char *at = map_marked(4);
	uintptr_t lo = (uintptr_t)at;

	vs_app_marks_add(VS_MARK_DONTFORK, lo + VS_PAGE, lo + 2 * VS_PAGE);
	vs_app_marks_add(VS_MARK_WIPEONFORK, lo + 3 * VS_PAGE,
			 lo + 4 * VS_PAGE);
	ck_assert(vs_app_marks_unmark_others(lo, lo + 4 * VS_PAGE));
	ck_assert(!dontfork(at));
	ck_assert(dontfork(at + VS_PAGE));
	ck_assert(!dontfork(at + 2 * VS_PAGE));
	ck_assert(!dontfork(at + 3 * VS_PAGE));
	munmap(at + 3 * VS_PAGE, VS_PAGE);
	ck_assert(!vs_app_marks_unmark_others(lo, lo + 4 * VS_PAGE));
}
END_TEST

UNIT(app_marks_kernel, only_others_are_unmarked, others_beside_it_are_unmarked)
