/* SPDX-License-Identifier: MIT
 * See parts.h. */
#include "txn/parts.h"

#include <sys/mman.h>

#include "base/compiler.h"
#include "kernel/once.h"
#include "kernel/sys.h"
#include "txn/internal.h"

struct range {
	struct vs_range at;
	unsigned first; /* its parts begin there and go on to the next's */
};

/* A part is where it begins, which is a page, and its flags. It ends where the
 * next begins, or its range ends. */
static union {
	struct {
		struct range range[VS_MAX_LAZY];
		uintptr_t part[VS_MAX_PARTS];
	} list;
	char whole[(VS_MAX_LAZY * sizeof(struct range) +
		    VS_MAX_PARTS * sizeof(uintptr_t) + VS_PAGE - 1) /
		   VS_PAGE * VS_PAGE];
} table VS_BIG __attribute__((aligned(VS_PAGE)));
static struct vs_once once;

static struct range *const ranges = table.list.range;
static uintptr_t *const parts = table.list.part;

/* So far. The child has a copy. */
static struct {
	int ranges;
	unsigned parts;
	uintptr_t least; /* size of a range */

	/* The range that is being added; empty: none. */
	struct vs_range open;
	unsigned first;

	/* Where it would end now: behind what can be touched. */
	uintptr_t end;
	unsigned end_parts;
} now;

bool vs_parts_begin(uintptr_t least)
{
	now.ranges = 0;
	now.parts = 0;
	now.least = least;
	now.open = (struct vs_range){0, 0};
	return vs_map_once(&once, &table, sizeof(table), MAP_SHARED);
}

/* Those of a process that has a copy of this one's memory, and the list with
 * it, are others. */
void vs_parts_forget(void)
{
	if (once.made &&
	    vs_is_error(vs_sys(SYS_mmap, &table, sizeof(table),
			       PROT_READ | PROT_WRITE,
			       MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0)))
		vs_sys(SYS_mprotect, &table, sizeof(table), PROT_NONE);
	once = (struct vs_once){0};
	now.ranges = 0;
	now.parts = 0;
}

static void drop_small(void)
{
	int kept = 0;

	now.least *= 4;
	for (int i = 0; i < now.ranges; i++) {
		if (ranges[i].at.hi - ranges[i].at.lo >= now.least)
			ranges[kept++] = ranges[i];
	}
	now.ranges = kept;
}

void vs_parts_end_range(void)
{
	uintptr_t lo = now.open.lo;

	if (!now.open.hi)
		return;
	now.open.hi = 0;
	while (now.ranges == VS_MAX_LAZY && now.end - lo >= now.least)
		drop_small();
	now.parts = now.first;
	if (now.end - lo < now.least)
		return;
	now.parts = now.end_parts;
	ranges[now.ranges].at.lo = lo;
	ranges[now.ranges].at.hi = now.end;
	ranges[now.ranges++].first = now.first;
}

void vs_parts_add(uintptr_t lo, uintptr_t hi, unsigned flags)
{
	bool touchable = flags & VS_PART_PROT;

	if (lo != now.open.hi || now.parts == VS_MAX_PARTS)
		vs_parts_end_range();
	if (now.parts == VS_MAX_PARTS || (!now.open.hi && !touchable))
		return;
	if (!now.open.hi) {
		now.open.lo = lo;
		now.first = now.parts;
	}
	parts[now.parts++] = lo | flags;
	now.open.hi = hi;
	if (touchable) {
		now.end = hi;
		now.end_parts = now.parts;
	}
}

int vs_lazy_count(void)
{
	return now.ranges;
}

struct vs_range vs_lazy(int i)
{
	return ranges[i].at;
}

void vs_lazy_drop(int i)
{
	now.ranges--;
	for (; i < now.ranges; i++)
		ranges[i] = ranges[i + 1];
}

int vs_lazy_above(uintptr_t addr)
{
	int low = 0, high = now.ranges;

	while (low < high) {
		int middle = (low + high) / 2;

		if (ranges[middle].at.hi <= addr)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

/* One above the last part of the i-th range, or more: of a dropped one. */
static unsigned end_of(int i)
{
	return i + 1 < now.ranges ? ranges[i + 1].first : now.parts;
}

static uintptr_t start_of(unsigned part)
{
	return vs_page_down(parts[part]);
}

static uintptr_t lower(uintptr_t a, uintptr_t b)
{
	return a < b ? a : b;
}

bool vs_parts_above(uintptr_t addr, struct vs_part *part)
{
	int i = vs_lazy_above(addr);
	unsigned low, high, end;

	if (i == now.ranges)
		return false;
	low = ranges[i].first;
	high = end = end_of(i);
	/* The last that does not begin above it; or the first. */
	while (low + 1 < high) {
		unsigned middle = low + (high - low) / 2;

		if (start_of(middle) <= addr)
			low = middle;
		else
			high = middle;
	}
	part->at.lo = start_of(low);
	part->at.hi = ranges[i].at.hi;
	if (low + 1 < end)
		part->at.hi = lower(part->at.hi, start_of(low + 1));
	part->flags = parts[low] % VS_PAGE;
	return true;
}

bool vs_lazy_has(int i, unsigned flags)
{
	unsigned end = end_of(i);

	for (unsigned p = ranges[i].first;
	     p < end && start_of(p) < ranges[i].at.hi; p++) {
		if (parts[p] & flags)
			return true;
	}
	return false;
}

uint64_t vs_parts_writable(void)
{
	struct vs_part part;
	uint64_t n = 0;

	for (uintptr_t at = 0; vs_parts_above(at, &part); at = part.at.hi) {
		if (part.flags & PROT_WRITE && !(part.flags & VS_PART_SHARED))
			n += part.at.hi - part.at.lo;
	}
	return n;
}
