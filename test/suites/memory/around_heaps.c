/* SPDX-License-Identifier: MIT
 *
 * Heaps of unusual kinds. What a child finds there is what its parent has;
 * what it writes is its own, unless the memory is shared.
 */
#include "around.h"

enum { SIZE = 64 << 20, HUGE_PAGE = 2 << 20 };

static char *area;
static size_t area_size;
static char bss[SIZE];

static char *map(size_t size, int flags, int fd)
{
	char *at = mmap(NULL, size, PROT_READ | PROT_WRITE, flags, fd, 0);

	if (at == MAP_FAILED)
		skip("no such memory");
	area = at;
	area_size = size;
	return at;
}

/* A byte in every so many, borders of pages and chunks among them. */
static void fill(size_t step)
{
	for (size_t i = 0; i < area_size; i += step)
		area[i] = (char)(i / step);
}

static bool filled(size_t step)
{
	for (size_t i = 0; i < area_size; i += step) {
		if (area[i] != (char)(i / step))
			return false;
	}
	return true;
}

/* Children that read some of it, and write to it, before they exec or
 * instead; all that is seen of it here is what `shared` memory hands on. */
static pid_t writer(bool execs)
{
	size_t middle = area_size / 2;
	pid_t pid = fork();

	if (!pid) {
		if (area[0] != 0 || area[middle + 1] != 'x')
			_exit(50);
		area[middle + 1]++;
		if (area[middle + 1] != 'y')
			_exit(51);
		area[middle + 1]--;
		area[middle + 2]++;
		if (execs)
			become_program();
		_exit(4);
	}
	return pid;
}

static void children(bool shared)
{
	size_t middle = area_size / 2;

	area[middle + 1] = 'x';
	area[middle + 2] = 'p';
	all_ways();
	for (int n = 0; n < 4; n++)
		exits_with(writer(n % 2), 4);
	ck_assert_int_eq(area[middle + 1], 'x');
	ck_assert_int_eq(area[middle + 2], shared ? 'p' + 4 : 'p');
}

static void with_step(size_t step)
{
	fill(step);
	children(false);
	ck_assert(filled(step));
}

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
	TCase *tcase = tcase_create("heaps");

	tcase_add_test(tcase, transparent_huge_pages);
	tcase_add_test(tcase, all_locked);
	tcase_add_test(tcase, memory_files);
	tcase_add_test(tcase, huge_bss);
	tcase_add_test(tcase, mostly_virtual);
	tcase_add_test(tcase, many);
	tcase_add_test(tcase, most);
	return run_scenes("around: heaps", tcase, argv);
}
