/* SPDX-License-Identifier: MIT
 * Lazy memory of the speculative child becomes what the parent has there. */
#include <sys/mman.h>

#include "base/compiler.h"
#include "txn/child/internal.h"
#include "txn/map/parts.h"

/* What is in the place of lazy memory: another thread has unmapped the latter
 * after it was marked, and mapped something new, which was copied. */
enum { MAX_REPLACED = 64 };
static struct vs_range replaced[MAX_REPLACED];
static int replacements VS_HOT;

void vs_fill_replaced(uintptr_t lo, uintptr_t hi)
{
	struct vs_range *last = &replaced[replacements - 1];

	if (replacements && last->hi == lo) {
		last->hi = hi;
		return;
	}
	if (replacements == MAX_REPLACED)
		vs_child_rollback(VS_UNDONE_MEMORY_CHANGED, 0);
	replaced[replacements++] = (struct vs_range){lo, hi};
}

bool vs_fill_is_replaced(uintptr_t addr, uintptr_t len)
{
	return vs_range_any(replaced, replacements, addr, len);
}

/* Pages that cannot be read: guard regions (MADV_GUARD_INSTALL, Linux 6.13),
 * and what another thread has unmapped. They stay lazy. */
enum { MAX_MISSING = 64 };
static uintptr_t missing[MAX_MISSING];
static int missed VS_HOT;

static void fill_page(uintptr_t page)
{
	if (vs_fetch((void *)page, page, VS_PAGE) == VS_PAGE)
		return;
	if (missed == MAX_MISSING ||
	    vs_sys(SYS_mprotect, page, VS_PAGE, PROT_NONE))
		vs_child_rollback(VS_UNDONE_MEMORY_CHANGED, 0);
	missing[missed++] = page;
}

static bool is_missing(uintptr_t lo, uintptr_t hi)
{
	for (int i = 0; i < missed; i++) {
		if (missing[i] < hi && missing[i] + VS_PAGE > lo)
			return true;
	}
	return false;
}

void vs_fill_must_have(uintptr_t lo, uintptr_t hi)
{
	if (vs_unlikely(missed) && is_missing(lo, hi))
		vs_child_rollback(VS_UNDONE_MEMORY_CHANGED, 0);
}

/* But for what is missing, in one call. */
static void protect(uintptr_t lo, uintptr_t hi, unsigned prot)
{
	uintptr_t step = is_missing(lo, hi) ? VS_PAGE : hi - lo;

	for (; lo < hi; lo += step) {
		if (!is_missing(lo, lo + step) &&
		    vs_sys(SYS_mprotect, lo, step, prot))
			vs_child_rollback(VS_UNDONE_NO_RESOURCE, 0);
	}
}

/* Pages for what is about to be written, in one call: a fault for each takes a
 * fifth of the time more. Linux 5.14; where it fails, each is a fault. */
static void populate(uintptr_t lo, uintptr_t hi)
{
	enum { POPULATE_WRITE = 23 };

	vs_sys(SYS_madvise, lo, hi - lo, POPULATE_WRITE);
}

/* A piece of one part. */
static void fill_part(uintptr_t lo, uintptr_t hi, unsigned prot)
{
	enum { RW = PROT_READ | PROT_WRITE };

	if (vs_sys(SYS_mprotect, lo, hi - lo, RW))
		vs_child_rollback(VS_UNDONE_NO_RESOURCE, 0);
	populate(lo, hi);
	if (vs_unlikely(vs_fetch((void *)lo, lo, hi - lo) != (long)(hi - lo))) {
		for (uintptr_t page = lo; page < hi; page += VS_PAGE)
			fill_page(page);
	}
	if (prot != RW)
		protect(lo, hi, prot);
}

static void fill_unreplaced(uintptr_t lo, uintptr_t hi, unsigned prot)
{
	if (vs_likely(!vs_range_any(replaced, replacements, lo, hi - lo))) {
		fill_part(lo, hi, prot);
		return;
	}
	for (; lo < hi; lo += VS_PAGE) {
		if (!vs_range_any(replaced, replacements, lo, VS_PAGE))
			fill_part(lo, lo + VS_PAGE, prot);
	}
}

void vs_fill(uintptr_t base, uintptr_t end)
{
	struct vs_part part;

	for (uintptr_t at = base; vs_parts_above(at, &part) && part.at.lo < end;
	     at = part.at.hi) {
		uintptr_t lo = part.at.lo > base ? part.at.lo : base;
		uintptr_t hi = part.at.hi < end ? part.at.hi : end;

		if (part.flags & VS_PART_PROT && !(part.flags & VS_PART_SHARED))
			fill_unreplaced(lo, hi, part.flags & VS_PART_PROT);
	}
}
