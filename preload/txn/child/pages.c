/* SPDX-License-Identifier: MIT
 *
 * The speculative child's memory. What was left out of the copy is a lazy
 * range, mapped PROT_NONE; the first touch of one brings in the chunk around it
 * from the parent (fetch.c).
 *
 * The parent's thread sleeps inside fork() meanwhile, so what it owns and
 * what libc's fork has locked cannot change; what other threads change now, a
 * child of a native fork could not have read without a race.
 */
#include <sys/mman.h>

#include "base/compiler.h"
#include "kernel/proc/maps.h"
#include "txn/child/internal.h"
#include "txn/map/lazy.h"
#include "txn/map/parts.h"
#include "txn/map/shared.h"
#include "txn/record/site.h"

/* A child that touches more than this (16 MiB) is no child about to exec, and
 * is served better by a native fork. */
enum { MAX_CHUNKS = 1024, SLOTS = 2 * MAX_CHUNKS };

/* Chunks that are in, by number: a hash table, never deleted from. */
static uintptr_t present[SLOTS] VS_BIG;
static unsigned fetched VS_HOT;

static bool is_lazy(uintptr_t addr)
{
	return vs_lazy_meets(addr, 1) && !vs_fill_is_replaced(addr, 1);
}

bool vs_pages_lazy(uintptr_t addr, uintptr_t len)
{
	return vs_lazy_meets(addr, len);
}

bool vs_pages_shared(uintptr_t addr, uintptr_t len)
{
	return vs_shared_meets(addr, len) ||
	       (vs_shared_is_more() && len && vs_maps_shared(addr, addr + len));
}

/* Where it is in the table, or belongs. */
static uintptr_t *slot_of(uintptr_t chunk)
{
	size_t at = chunk % SLOTS;

	while (present[at] && present[at] != chunk)
		at = (at + 1) % SLOTS;
	return &present[at];
}

/* True if the chunk was not in the table before. */
static bool insert(uintptr_t chunk)
{
	uintptr_t *slot = slot_of(chunk);

	if (*slot)
		return false;
	*slot = chunk;
	return true;
}

/* Brings in `n` chunks, none of which has been yet. */
static void fetch(uintptr_t chunk, unsigned n)
{
	fetched += n;
	if (fetched > MAX_CHUNKS)
		vs_child_rollback(VS_UNDONE_TOO_MANY_PAGES, 0);
	vs_fill(chunk << VS_CHUNK_SHIFT, (chunk + n) << VS_CHUNK_SHIFT);
	vs_txn.page->fetched = fetched;
}

/* Faults that walk upwards bring in more and more at once. */
static void fetch_ahead(uintptr_t chunk)
{
	static uintptr_t expected VS_HOT;
	static unsigned ahead VS_HOT = 1;
	unsigned n = 1;

	ahead = chunk == expected && ahead < 16 ? ahead * 2 : 1;
	while (n < ahead && insert(chunk + n))
		n++;
	fetch(chunk, n);
	expected = chunk + n;
}

/* A shared mapping that was left out is not to be had by fetching it: a copy
 * would not change as the others' memory does. */
static void must_miss_shared(uintptr_t lo, uintptr_t end)
{
	struct vs_part part;

	if (vs_likely(!vs_txn.shared_lazy))
		return;
	for (uintptr_t at = lo; vs_parts_above(at, &part) && part.at.lo < end;
	     at = part.at.hi) {
		if (part.flags & VS_PART_SHARED) {
			vs_txn.page->needs_shared = true;
			vs_child_rollback(VS_UNDONE_SHARED_READ, 0);
		}
	}
}

/* False if it is in already. */
static bool bring_in(uintptr_t chunk)
{
	if (!insert(chunk))
		return false;
	fetch_ahead(chunk);
	vs_site_needs(vs_txn.site, chunk);
	return true;
}

bool vs_pages_fault(uintptr_t addr)
{
	if (!is_lazy(addr))
		return false;
	must_miss_shared(addr, addr + 1);
	if (!bring_in(addr >> VS_CHUNK_SHIFT))
		return false;
	vs_fill_must_have(addr, addr + 1);
	return true;
}

uintptr_t vs_pages_lacking(uintptr_t addr)
{
	uintptr_t len = VS_CHUNK - addr % VS_CHUNK;
	struct vs_part part;

	if (!vs_pages_lazy(addr, 1) || *slot_of(addr >> VS_CHUNK_SHIFT) ||
	    !vs_parts_above(addr, &part) || part.at.lo > addr ||
	    !(part.flags & PROT_READ) || part.flags & VS_PART_SHARED)
		return 0;
	len = part.at.hi - addr < len ? part.at.hi - addr : len;
	return vs_fill_is_replaced(addr, len) ? 0 : len;
}

/* The first chunk may begin below the lazy range, and `addr` be there. */
void vs_child_want(uintptr_t addr, uintptr_t len)
{
	uintptr_t end = addr + len, next;

	if (!len || !vs_pages_lazy(addr, len))
		return;
	must_miss_shared(addr, end);
	if (len > (uintptr_t)MAX_CHUNKS * VS_CHUNK)
		vs_child_rollback(VS_UNDONE_TOO_MANY_PAGES, 0);
	for (uintptr_t at = addr; at < end; at = next) {
		next = (at & -(uintptr_t)VS_CHUNK) + VS_CHUNK;
		if (vs_pages_lazy(at, (next < end ? next : end) - at))
			bring_in(at >> VS_CHUNK_SHIFT);
	}
	vs_fill_must_have(addr, end);
}

void vs_pages_want_written(uintptr_t addr, uintptr_t len)
{
	if (vs_pages_shared(addr, len))
		vs_child_rollback(VS_UNDONE_SHARED_WRITE, 0);
	vs_child_want(addr, len);
}

/* A touch of a lazy range from here is a fault that brings it in. */
void vs_pages_want_string(const char *s)
{
	const volatile char *at = s;

	if (s) {
		while (*at)
			at++;
	}
}

void vs_pages_want_strings(char *const *vector)
{
	for (; vector && *vector; vector++)
		vs_pages_want_string(*vector);
}

void vs_pages_prefetch(void)
{
	uintptr_t first = 0, chunk;
	unsigned n = 0;

	vs_site_evict_one(vs_txn.site);
	for (unsigned i = 0; (chunk = vs_site_needed(vs_txn.site, i)); i++) {
		if (!vs_pages_lazy(chunk << VS_CHUNK_SHIFT, VS_CHUNK) ||
		    !insert(chunk))
			continue;
		if (n && chunk != first + n) {
			fetch(first, n);
			n = 0;
		}
		if (!n++)
			first = chunk;
	}
	if (n)
		fetch(first, n);
}
