/* SPDX-License-Identifier: MIT
 *
 * The memory map that the library has read once, for several forks: what has
 * become of it since in the parent is what the next child finds.
 */
#include "learned.h"

static bool writes_elsewhere(void)
{
	elsewhere[0] = WRITTEN;
	return true;
}

static bool reads_a_file(void)
{
	return elsewhere[0] == 'a' && elsewhere[2] == 'c' && is_as_it_was();
}

static bool exec_only(void)
{
	return true;
}

START_TEST(made_read_only)
{
	start(_i);
	learn();
	set_all(9);
	protect(area, SIZE, PROT_READ);
	exits_with(a_child(is_as_it_was), 4);
	dies_by(a_child(writes_one), SIGSEGV);
	protect(area, SIZE, PROT_READ | PROT_WRITE);
	exits_with(a_child(reads_and_writes), 4);
	ck_assert(is_as_it_was());
}
END_TEST

START_TEST(closed_for_a_while)
{
	start(_i);
	learn();
	protect(place(ONE), 40 * PAGE, PROT_NONE);
	dies_by(a_child(writes_one), SIGSEGV);
	exits_with(a_child(exec_only), 4);
	protect(place(ONE), 40 * PAGE, PROT_READ | PROT_WRITE);
	set_all(10);
	exits_with(a_child(reads_and_writes), 4);
	ck_assert(is_as_it_was());
}
END_TEST

/* A hole in the middle of what was learned, which the child may fill. */
static bool maps_something_there(void)
{
	volatile unsigned char *at = place(ONE);

	return mmap((void *)at, 2 * PAGE, PROT_READ | PROT_WRITE,
		    MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0) == at &&
	       at[0] == 0 && (at[0] = 5) && at[0] == 5;
}

START_TEST(unmapped)
{
	start(_i);
	learn();
	unmap(place(ONE), 2 * PAGE);
	dies_by(a_child(writes_one), SIGSEGV);
	exits_with(a_child(maps_something_there), 4);
	map_over(place(ONE), 2 * PAGE, MAP_PRIVATE, -1);
	set_all(11);
	exits_with(a_child(reads_and_writes), 4);
	ck_assert(is_as_it_was());
}
END_TEST

/* All of it, and something else in its place, with other contents. */
START_TEST(mapped_anew)
{
	start(_i);
	learn();
	unmap(area, SIZE);
	map_over(area, SIZE / 2, MAP_PRIVATE, -1);
	map_over(area + SIZE / 2, SIZE / 2, MAP_PRIVATE, -1);
	set_all(12);
	exits_with(a_child(reads_and_writes), 4);
	ck_assert(is_as_it_was());
	ck_assert_int_eq(place(ONE)[2 * PAGE], 0);
}
END_TEST

/* What a child writes there is the parent's, too. */
START_TEST(made_shared)
{
	start(_i);
	learn();
	map_over(place(ONE), 2 * PAGE, MAP_SHARED, -1);
	set_all(13);
	exits_with(a_child(writes_one), 4);
	ck_assert_int_eq(place(ONE)[0], WRITTEN);
	set_all(14);
	exits_with(a_child(is_as_it_was), 4);
}
END_TEST

/* The same of more than was learned, and of a place of its own. */
START_TEST(much_made_shared)
{
	volatile unsigned char *shared;

	start(_i);
	learn();
	map_over(area + SIZE / 4, SIZE / 2, MAP_SHARED, -1);
	set_all(15);
	shared =
		mmap(NULL, PAGE, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	map_over(shared, PAGE, MAP_SHARED, -1);
	elsewhere = shared;
	exits_with(a_child(writes_elsewhere), 4);
	ck_assert_int_eq(shared[0], WRITTEN);
	elsewhere = area + SIZE / 2;
	exits_with(a_child(writes_elsewhere), 4);
	ck_assert_int_eq(*elsewhere, WRITTEN);
	exits_with(a_child(is_as_it_was), 4);
}
END_TEST

/* A file's, privately: it is read from there, and never written. */
START_TEST(made_a_files)
{
	FILE *file = tmpfile();
	int fd = fileno(file);

	start(_i);
	learn();
	ck_assert_int_eq(ftruncate(fd, SIZE), 0);
	ck_assert_int_eq(pwrite(fd, "abc", 3, 0), 3);
	map_over(area + SIZE / 4, SIZE / 2, MAP_PRIVATE, fd);
	set_all(16);
	elsewhere = area + SIZE / 4;
	exits_with(a_child(reads_a_file), 4);
	exits_with(a_child(writes_elsewhere), 4);
	ck_assert_int_eq(*elsewhere, 'a');
	exits_with(a_child(reads_and_writes), 4);
	ck_assert(is_as_it_was());
	fclose(file);
}
END_TEST

/* The map is read anew once in 16 forks, and when what is learned changes: here
 * it has not been, most times. */
enum { TIMES = 6, FEW = 3 };

static void a_few(void)
{
	for (int n = 0; n < FEW; n++)
		exits_with(a_child(exec_only), 4);
}

/* What it has given back of the heap a child may ask for again. */
static uintptr_t heap_end;

static bool heap_grows(void)
{
	volatile unsigned char *at = (unsigned char *)heap_end;
	uintptr_t end = heap_end + CHUNK;

	return (uintptr_t)vs_sys(SYS_brk, end) == end && at[0] == 0 &&
	       (at[0] = 5) && at[0] == 5;
}

START_TEST(heap_given_back)
{
	uintptr_t top;

	start(_i);
	heap_end = (uintptr_t)vs_sys(SYS_brk, 0);
	heap_end = (heap_end | (PAGE - 1)) + 1 + SIZE / 2;
	top = heap_end + SIZE / 2;
	for (int n = 0; n < TIMES; n++) {
		ck_assert_uint_eq(vs_sys(SYS_brk, top), top);
		a_few();
		ck_assert_uint_eq(vs_sys(SYS_brk, 0), top); /* nobody else's */
		vs_sys(SYS_brk, heap_end);
		exits_with(a_child(heap_grows), 4);
	}
}
END_TEST

/* Where there was memory that was not copied, and was not touched either. */
static bool reads_there(void)
{
	return elsewhere[0] == WRITTEN && elsewhere[PAGE] == WRITTEN;
}

START_TEST(shared_in_its_place)
{
	start(_i);
	elsewhere = area + SIZE / 2;
	for (int n = 0; n < TIMES; n++) {
		map_over(elsewhere, SIZE / 4, MAP_PRIVATE, -1);
		a_few();
		map_over(elsewhere, SIZE / 4, MAP_SHARED, -1);
		elsewhere[0] = elsewhere[PAGE] = WRITTEN;
		exits_with(a_child(reads_there), 4);
	}
}
END_TEST

struct pages {
	unsigned long lo, hi;
};

/* Where the clock is not a virtual machine's, nobody reads these pages of the
 * kernel's (Linux 6.13). The mark of a transaction would stay on them. */
static struct pages clock_pages(void)
{
	struct pages at = {0, 0};
	FILE *maps = fopen("/proc/self/maps", "r");
	FILE *source = fopen("/sys/devices/system/clocksource/clocksource0/"
			     "current_clocksource",
			     "r");
	char line[512];

	if (source && fgets(line, sizeof(line), source) &&
	    !strcmp(line, "tsc\n"))
		while (fgets(line, sizeof(line), maps))
			if (strstr(line, "[vvar_vclock]"))
				sscanf(line, "%lx-%lx", &at.lo, &at.hi);
	if (source)
		fclose(source);
	fclose(maps);
	return at;
}

/* VmFlags of proc_pid_smaps(5): "dc", not copied by fork(). */
static bool is_marked(volatile void *at)
{
	FILE *smaps = fopen("/proc/self/smaps", "r");
	unsigned long lo, hi;
	bool there = false, marked = false;
	char line[512];

	while (fgets(line, sizeof(line), smaps)) {
		if (sscanf(line, "%lx-%lx ", &lo, &hi) == 2)
			there = lo <= (uintptr_t)at && (uintptr_t)at < hi;
		else if (there && !strncmp(line, "VmFlags:", 8))
			marked = strstr(line, " dc") != NULL;
	}
	fclose(smaps);
	return marked;
}

START_TEST(the_kernels_own)
{
	struct pages from = clock_pages();
	size_t size = from.hi - from.lo;

	if (!size)
		return;
	start(_i);
	elsewhere = area + SIZE / 2;
	for (int n = 0; n < TIMES; n++) {
		volatile unsigned char *to = elsewhere + n * CHUNK;

		a_few();
		ck_assert_ptr_eq(mremap((void *)from.lo, size, size,
					MREMAP_MAYMOVE | MREMAP_FIXED, to),
				 (void *)to);
		exits_with(a_child(exec_only), 4);
		ck_assert(!is_marked(to));
		exits_with(a_child(exec_only), 4);
		ck_assert(!is_marked(to));
		from.lo = (uintptr_t)to;
	}
}
END_TEST

int main(void)
{
	TCase *tcase = tcase_create("remapped");

	tcase_add_loop_test(tcase, made_read_only, 0, WAYS);
	tcase_add_loop_test(tcase, closed_for_a_while, 0, WAYS);
	tcase_add_loop_test(tcase, unmapped, 0, WAYS);
	tcase_add_loop_test(tcase, mapped_anew, 0, WAYS);
	tcase_add_loop_test(tcase, made_shared, 0, WAYS);
	tcase_add_loop_test(tcase, much_made_shared, 0, WAYS);
	tcase_add_loop_test(tcase, made_a_files, 0, WAYS);
	tcase_add_loop_test(tcase, heap_given_back, 0, WAYS);
	tcase_add_loop_test(tcase, shared_in_its_place, 0, WAYS);
	tcase_add_loop_test(tcase, the_kernels_own, 0, WAYS);
	tcase_set_timeout(tcase, 60);
	return run_suite("fork_remapped", tcase);
}
