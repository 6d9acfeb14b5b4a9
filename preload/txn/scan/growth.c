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

/* By more than the page that was left out the last time. */
static bool beyond(uintptr_t further, uintptr_t than)
{
	return further > than && further - than > VS_PAGE;
}

/* Of old ones that are in it, the lowest and the highest. */
static void look_at(int i)
{
	struct vs_range now = vs_lazy(i);
	int first = 0, last;

	while (first < olds && old[first].hi <= now.lo)
		first++;
	for (last = first; last < olds && old[last].lo < now.hi;)
		last++;
	if (first == last)
		return;
	vs_parts_trim(i, beyond(old[first].lo, now.lo),
		      beyond(now.hi, old[last - 1].hi));
}

void vs_growth_after(void)
{
	for (int i = 0; olds && i < vs_lazy_count(); i++)
		look_at(i);
}
