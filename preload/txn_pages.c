/* SPDX-License-Identifier: MIT
 *
 * The speculative child's memory. What was left out of the copy is a hole,
 * mapped PROT_NONE; the first touch of one brings in the chunk around it from
 * the parent, through a descriptor of its memory that the parent opened: that
 * stays bound to the parent's memory and goes on working after the child has
 * dropped its privileges, where process_vm_readv would be refused.
 *
 * The parent's thread sleeps inside fork() meanwhile, so what it owns and
 * what libc's fork has locked cannot change; what other threads change now, a
 * child of a true fork could not have read without a race.
 */
#include <stddef.h>
#include <sys/mman.h>

#include "port.h"
#include "site.h"
#include "txn.h"

/* A fault costs about as much as copying 16 pages. */
enum { CHUNK_SHIFT = 16, CHUNK = 1 << CHUNK_SHIFT };

/* A child that reads more than this is no child about to exec, and is served
 * better by a true fork. */
enum { MAX_CHUNKS = 1024, SLOTS = 2 * MAX_CHUNKS };

/* Chunks that are in, by address / CHUNK: a hash table, never deleted from. */
static uint32_t present[SLOTS];
static unsigned fetched;

static const struct vs_range *range_of(uintptr_t addr)
{
	int low = 0, high = vs_txn.ranges;

	while (low < high) {
		int middle = (low + high) / 2;

		if (addr >= vs_txn.range[middle].hi)
			low = middle + 1;
		else
			high = middle;
	}
	if (low == vs_txn.ranges || addr < vs_txn.range[low].lo)
		return NULL;
	return &vs_txn.range[low];
}

bool vs_pages_in_hole(uintptr_t addr, uintptr_t len)
{
	for (int i = 0; i < vs_txn.ranges; i++) {
		const struct vs_range *r = &vs_txn.range[i];

		if (addr < r->hi && len > 0 &&
		    (addr >= r->lo || r->lo - addr < len))
			return true;
	}
	return false;
}

bool vs_pages_public(uintptr_t addr)
{
	for (int i = 0; i < vs_txn.publics; i++) {
		const struct vs_range *r = &vs_txn.public[i];

		if (addr >= r->lo && addr < r->hi)
			return true;
	}
	return false;
}

/* True if the chunk was not in the table before. */
static bool insert(uint32_t chunk)
{
	uint32_t at = chunk * 2654435761u % SLOTS;

	for (; present[at]; at = (at + 1) % SLOTS) {
		if (present[at] == chunk)
			return false;
	}
	present[at] = chunk;
	return true;
}

/* Bring a chunk in, unless it is. One at the border of a range may belong to
 * two; it is known by its address alone, so both parts come in together. */
static bool fetch(uint32_t chunk)
{
	uintptr_t base = (uintptr_t)chunk << CHUNK_SHIFT;

	if (!insert(chunk))
		return false;
	if (++fetched > MAX_CHUNKS)
		vs_child_rollback(VS_WHY_TOO_MANY_PAGES, 0);
	for (int i = 0; i < vs_txn.ranges; i++) {
		uintptr_t lo = vs_txn.range[i].lo, hi = vs_txn.range[i].hi;

		if (hi <= base || lo >= base + CHUNK)
			continue;
		lo = lo > base ? lo : base;
		hi = hi < base + CHUNK ? hi : base + CHUNK;
		if (vs_sys(SYS_mprotect, lo, hi - lo, PROT_READ | PROT_WRITE))
			vs_child_rollback(VS_WHY_NO_RESOURCE, 0);
		if (vs_sys(SYS_pread64, vs_txn.mem, lo, hi - lo, lo) !=
		    (long)(hi - lo))
			vs_child_rollback(VS_WHY_MEMORY_CHANGED, 0);
	}
	vs_txn.shared->fetched = fetched;
	return true;
}

bool vs_pages_fault(uintptr_t addr)
{
	uint32_t chunk = (uint32_t)(addr >> CHUNK_SHIFT);

	if (!range_of(addr) || !fetch(chunk))
		return false;
	vs_site_needs(vs_txn.site, chunk);
	return true;
}

void vs_pages_want(uintptr_t addr, uintptr_t len)
{
	if (!len || !vs_pages_in_hole(addr, len))
		return;
	if (len > (uintptr_t)MAX_CHUNKS << CHUNK_SHIFT)
		vs_child_rollback(VS_WHY_TOO_MANY_PAGES, 0);
	for (uintptr_t at = addr & ~(uintptr_t)(CHUNK - 1); at < addr + len;
	     at += CHUNK) {
		uint32_t chunk = (uint32_t)(at >> CHUNK_SHIFT);

		if (vs_pages_in_hole(at, CHUNK) && fetch(chunk))
			vs_site_needs(vs_txn.site, chunk);
	}
}

/* A touch of a hole from here is a fault that brings it in. */
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
	uint32_t chunk;

	for (int i = 0; (chunk = vs_site_needed(vs_txn.site, i)); i++) {
		uintptr_t base = (uintptr_t)chunk << CHUNK_SHIFT;

		if (vs_pages_in_hole(base, CHUNK))
			fetch(chunk);
	}
}
