/* SPDX-License-Identifier: MIT
 * See windows.h. Raw system calls only. */
#include "txn/record/windows.h"

#include "port.h"

/* Chunks between two that are needed that had better be copied, too. A chunk
 * that the child brings in takes it 12 us: a range of its own is made
 * accessible, filled with pages, and read. To copy a page table's entry and
 * take it away again takes 0.12 us, and there are four to a chunk of 16 KiB. */
enum { GAP = 20 };

/* One that stands alone is brought in: to leave it in the copy takes the parent
 * as long, two madvise() calls and two mappings more. But where there are other
 * threads it takes a task aside to read any: up to FEW are left in the copy, if
 * there are no more. */
enum { LEAST = 2, FEW = 4 };

static unsigned find(const struct vs_site *site, struct vs_range *to,
		     unsigned room, unsigned least, unsigned *alone)
{
	uintptr_t first, last, next;
	unsigned n = 0, i = 0, chunks;

	*alone = 0;
	first = vs_site_needed(site, i++);
	while (first && n < room) {
		last = first;
		for (chunks = 1;; chunks++) {
			next = vs_site_needed(site, i++);
			if (next <= last || next - last > GAP)
				break;
			last = next;
		}
		*alone += chunks < LEAST;
		if (chunks >= least)
			to[n++] =
				(struct vs_range){first << VS_CHUNK_SHIFT,
						  (last + 1) << VS_CHUNK_SHIFT};
		first = next > last ? next : 0;
	}
	return n;
}

unsigned vs_site_windows(const struct vs_site *site, struct vs_range *to,
			 unsigned room, bool threads)
{
	unsigned alone, n = find(site, to, room, LEAST, &alone);

	if (!threads || !alone || alone > FEW)
		return n;
	return find(site, to, room, 1, &alone);
}
