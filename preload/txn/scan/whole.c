/* SPDX-License-Identifier: MIT
 * See whole.h. */
#include "txn/scan/whole.h"

#include <stddef.h>

static void make_whole(struct vs_maps *maps, struct vs_range *w)
{
	uintptr_t first = vs_maps_page_size(maps, w->lo);
	uintptr_t last = vs_maps_page_size(maps, w->hi - 1);

	w->lo &= -first;
	w->hi = (w->hi + last - 1) & -last;
}

/* They stay apart. */
void vs_whole_windows(struct vs_maps *maps, struct vs_terms *terms)
{
	struct vs_range w, *last = NULL;
	unsigned n = 0;

	for (unsigned i = 0; i < terms->windows; i++) {
		w = terms->window[i];
		make_whole(maps, &w);
		if (last && w.lo <= last->hi) {
			last->hi = w.hi > last->hi ? w.hi : last->hi;
			continue;
		}
		last = &terms->window[n++];
		*last = w;
	}
	terms->windows = n;
}
