/* SPDX-License-Identifier: MIT
 * See parts.h and lazy.h. */
#include "txn/map/parts.h"

#include <stddef.h>
#include <sys/mman.h>

#include "base/compiler.h"

/* A part is the page of its range where it begins, and its flags. It ends where
 * the next begins, or its range ends. */
enum { FLAG_BITS = 5, MAX_PAGES = 1 << (32 - FLAG_BITS) };

static struct vs_parts_range *ranges VS_HOT;
static uint32_t *parts VS_HOT;

/* The list so far, but for the parts themselves. The child has a copy of it. */
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
} now VS_HOT;

void vs_parts_begin(struct vs_parts_list *list, uintptr_t least)
{
	ranges = list->range;
	parts = list->part;
	now.ranges = 0;
	now.parts = 0;
	now.least = least;
	now.open = (struct vs_range){0, 0};
}

void vs_parts_forget(void)
{
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
	ranges[now.ranges++] = (struct vs_parts_range){
		.at = {lo, now.end}, .first = now.first, .end = now.end_parts};
}

void vs_parts_add(uintptr_t lo, uintptr_t hi, unsigned flags)
{
	bool touchable = flags & VS_PART_PROT;
	uintptr_t page = (lo - now.open.lo) / VS_PAGE;

	if (lo != now.open.hi || page >= MAX_PAGES || now.parts == VS_MAX_PARTS)
		vs_parts_end_range();
	if (now.parts == VS_MAX_PARTS || (!now.open.hi && !touchable))
		return;
	if (!now.open.hi) {
		now.open.lo = lo;
		now.first = now.parts;
		page = 0;
	}
	parts[now.parts++] = (uint32_t)page << FLAG_BITS | flags;
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

bool vs_lazy_meets(uintptr_t addr, uintptr_t len)
{
	int i = vs_lazy_above(addr);

	return i < now.ranges && vs_range_meets(&ranges[i].at, addr, len);
}

unsigned vs_parts_count(void)
{
	return now.parts;
}

bool vs_parts_renew(int i, uintptr_t lo, unsigned flags)
{
	struct vs_parts_range *range = &ranges[i];
	uintptr_t page = (lo - range->at.lo) / VS_PAGE;

	if (lo == range->at.lo) {
		if (i == 0)
			now.parts = 0;
		range->first = now.parts;
	}
	if (now.parts == VS_MAX_PARTS || page >= MAX_PAGES)
		return false;
	parts[now.parts++] = (uint32_t)page << FLAG_BITS | flags;
	range->end = now.parts;
	return true;
}

static uintptr_t start_of(const struct vs_parts_range *range, unsigned part)
{
	return range->at.lo + (uintptr_t)(parts[part] >> FLAG_BITS) * VS_PAGE;
}

static void trim_first(struct vs_parts_range *range, uintptr_t lo)
{
	unsigned second = range->first + 1;
	uintptr_t end =
		second < range->end ? start_of(range, second) : range->at.hi;
	uintptr_t pages = (lo - range->at.lo) / VS_PAGE;

	if (lo >= end)
		return;
	range->at.lo = lo;
	for (unsigned p = second; p < range->end; p++)
		parts[p] -= (uint32_t)pages << FLAG_BITS;
}

void vs_parts_trim(int i, struct vs_range within)
{
	struct vs_parts_range *range = &ranges[i];

	if (within.lo > range->at.lo)
		trim_first(range, within.lo);
	if (within.hi < range->at.hi &&
	    within.hi > start_of(range, range->end - 1))
		range->at.hi = within.hi;
}

bool vs_parts_above(uintptr_t addr, struct vs_part *part)
{
	int i = vs_lazy_above(addr);
	const struct vs_parts_range *range = &ranges[i];
	unsigned low, high;

	if (i == now.ranges)
		return false;
	low = range->first;
	high = range->end;
	/* The last that does not begin above it; or the first. */
	while (low + 1 < high) {
		unsigned middle = low + (high - low) / 2;

		if (start_of(range, middle) <= addr)
			low = middle;
		else
			high = middle;
	}
	part->at.lo = start_of(range, low);
	part->at.hi =
		low + 1 < range->end ? start_of(range, low + 1) : range->at.hi;
	part->flags = parts[low] % (1U << FLAG_BITS);
	return true;
}

bool vs_lazy_has(int i, unsigned flags)
{
	for (unsigned p = ranges[i].first; p < ranges[i].end; p++) {
		if (parts[p] & flags)
			return true;
	}
	return false;
}
