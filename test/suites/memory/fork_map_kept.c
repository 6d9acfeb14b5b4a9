/* SPDX-License-Identifier: MIT
 *
 * The memory map that the library reads anew once in 16 forks, and when what it
 * has learned changes: here it has not, most times, and the next child finds
 * what there is by then.
 */
#include "learned.h"

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

LEARNED("fork_map_kept", heap_given_back, shared_in_its_place, the_kernels_own)
