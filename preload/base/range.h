/* SPDX-License-Identifier: MIT
 * Ranges of addresses, and pages. */
#ifndef VS_RANGE_H
#define VS_RANGE_H

#include <stdbool.h>
#include <stdint.h>

/* The size of a page. The CPUs that have transactions (arch/port.h) know no
 * other; elsewhere it is the least there is, which is what the uses need. */
enum { VS_PAGE = 4096 };

/* [lo, hi) */
struct vs_range {
	uintptr_t lo, hi;
};

static inline bool vs_range_has(const struct vs_range *r, uintptr_t addr)
{
	return addr >= r->lo && addr < r->hi;
}

/* False for an empty range. `hi` may lie beyond the end of memory and have
 * wrapped around, where a program passes any length it likes. */
static inline bool vs_range_meets(const struct vs_range *r, uintptr_t lo,
				  uintptr_t len)
{
	return len > 0 && lo < r->hi && (lo >= r->lo || r->lo - lo < len);
}

/* Whether one of `n` does. */
static inline bool vs_range_any(const struct vs_range *range, int n,
				uintptr_t addr, uintptr_t len)
{
	for (int i = 0; i < n; i++) {
		if (vs_range_meets(&range[i], addr, len))
			return true;
	}
	return false;
}

static inline uintptr_t vs_page_down(uintptr_t addr)
{
	return addr & -(uintptr_t)VS_PAGE;
}

static inline uintptr_t vs_page_up(uintptr_t addr)
{
	return vs_page_down(addr + VS_PAGE - 1);
}

#endif
