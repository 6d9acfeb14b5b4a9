/* SPDX-License-Identifier: MIT
 * See growth.h. */
#include "txn/scan/growth.h"

#include "base/compiler.h"
#include "libc/threads.h"
#include "txn/map/parts.h"

/* So many are looked at: a heap, arenas, and what is mapped. */
enum { MOST = 64 };

static struct vs_range old[MOST] VS_BIG;
static int olds;

void vs_growth_before(void)
{
	olds = 0;
	if (vs_single_threaded())
		return;
	for (; olds < MOST && olds < vs_lazy_count(); olds++)
		old[olds] = vs_lazy(olds);
}

/* Of old ones that are in it, the lowest and the highest. What was left out the
 * last time is no growth: a page, or a huge one, which is not to be split. */
static void look_at(struct vs_maps *maps, int i)
{
	struct vs_range now = vs_lazy(i), within = now;
	uintptr_t page, lo, hi;
	int first = 0, last;

	while (first < olds && old[first].hi <= now.lo)
		first++;
	for (last = first; last < olds && old[last].lo < now.hi;)
		last++;
	if (first == last)
		return;
	lo = old[first].lo;
	hi = old[last - 1].hi;
	if (lo > now.lo + VS_PAGE) {
		page = vs_maps_page_size(maps, now.lo);
		within.lo = (now.lo & -page) + page;
	}
	if (hi < now.hi - VS_PAGE) {
		page = vs_maps_page_size(maps, now.hi - 1);
		within.hi = (now.hi - 1) & -page;
	}
	if (within.lo >= lo)
		within.lo = now.lo;
	if (within.hi <= hi)
		within.hi = now.hi;
	vs_parts_trim(i, within);
}

void vs_growth_after(struct vs_maps *maps)
{
	for (int i = 0; olds && i < vs_lazy_count(); i++)
		look_at(maps, i);
}
