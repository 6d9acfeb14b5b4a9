/* SPDX-License-Identifier: MIT
 *
 * Heaps of unusual kinds. What a child finds there is what its parent has;
 * what it writes is its own, unless the memory is shared.
 */
#include "heaps.h"

enum { HUGE_PAGE = 2 << 20 };

/* A number of `smaps` for the mapping that holds `area`. */
static long smaps_kb(const char *key)
{
	static char text[4 << 20];
	char line[64], *at;

	read_into("/proc/self/smaps", text, sizeof(text));
	snprintf(line, sizeof(line), "\n%lx-", (unsigned long)area);
	at = strstr(text, line);
	at = at ? strstr(at, key) : NULL;
	return at ? atol(at + strlen(key)) : -1;
}

/* As with transparent_hugepage/enabled at "always". */
static void huge_pages(void)
{
	map(SIZE + HUGE_PAGE, MAP_PRIVATE | MAP_ANONYMOUS, -1);
	area += -(uintptr_t)area % HUGE_PAGE;
	area_size = SIZE;
	/* So that it is a mapping of its own. */
	munmap(area - PAGE, PAGE);
	if (madvise(area, SIZE, MADV_HUGEPAGE))
		skip("no transparent huge pages");
	fill(PAGE);
	if (smaps_kb("AnonHugePages:") <= 0)
		skip("no huge page to be had");
	with_step(PAGE);
	/* The pages stay whole. */
	ck_assert_int_gt(smaps_kb("AnonHugePages:"), 0);
	ck_assert_int_eq(prctl(PR_SET_THP_DISABLE, 1, 0, 0, 0), 0);
	with_step(PAGE);
}

START_TEST(transparent_huge_pages)
{
	commits(huge_pages);
}
END_TEST

static void locked(void)
{
	static const int flags[] = {MCL_CURRENT, MCL_CURRENT | MCL_FUTURE,
				    MCL_CURRENT | MCL_FUTURE | MCL_ONFAULT};

	for (int i = 0; i < LENGTH(flags); i++) {
		if (mlockall(flags[i]))
			skip("mlockall refused");
		map(SIZE / 2, MAP_PRIVATE | MAP_ANONYMOUS, -1);
		with_step(PAGE);
		/* Still, after having been left out of a copy. */
		if (i == 1)
			ck_assert_int_eq(smaps_kb("Locked:"), SIZE / 2 >> 10);
		munlockall();
		munmap(area, area_size);
	}
}

START_TEST(all_locked)
{
	commits(locked);
}
END_TEST

static void file_in_memory(int kind)
{
	int fd = memfd_create("heap", MFD_CLOEXEC);

	ck_assert_int_eq(ftruncate(fd, SIZE), 0);
	map(SIZE, kind, fd);
	fill(PAGE);
	children(kind == MAP_SHARED);
	close(fd);
	children(kind == MAP_SHARED);
}

static void private_file(void)
{
	file_in_memory(MAP_PRIVATE);
	ck_assert(area[PAGE] == 1);
}

static void shared_file(void)
{
	file_in_memory(MAP_SHARED);
}

static void shared_anonymous(void)
{
	map(SIZE, MAP_SHARED | MAP_ANONYMOUS, -1);
	fill(PAGE);
	children(true);
}

START_TEST(memory_files)
{
	commits(private_file);
	commits(shared_file);
	commits(shared_anonymous);
}
END_TEST

static char bss[SIZE];

static void in_bss(void)
{
	area = bss;
	area_size = sizeof(bss);
	with_step(PAGE);
}

START_TEST(huge_bss)
{
	commits(in_bss);
}
END_TEST

int main(int argc UNUSED, char **argv)
{
	TCase *tcase = tcase_create("heaps");

	tcase_add_test(tcase, transparent_huge_pages);
	tcase_add_test(tcase, all_locked);
	tcase_add_test(tcase, memory_files);
	tcase_add_test(tcase, huge_bss);
	return run_scenes("around: heaps", tcase, argv);
}
