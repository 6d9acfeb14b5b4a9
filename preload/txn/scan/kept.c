/* SPDX-License-Identifier: MIT
 * See kept.h. Raw system calls only. */
#include "txn/scan/kept.h"

#include "base/image.h"
#include "kernel/sys.h"
#include "libc/places.h"
#include "txn/map/parts.h"

/* Bytes to copy on either side of the calling thread's frames and of its static
 * TLS, when they lie inside a big mapping. The kernel itself writes to what is
 * beside the latter (tid, robust list) and takes no fault there; libc's struct
 * pthread is some 2 KiB. */
enum { AROUND_STACK = 1 << 14, AROUND_THREAD = 1 << 13 };

enum { STACK, THREAD, IMAGE, RSEQ, SHADOW };

static struct vs_range pages(uintptr_t lo, uintptr_t hi)
{
	return (struct vs_range){vs_page_down(lo), vs_page_up(hi)};
}

void vs_kept_set(struct vs_range keep[VS_KEPT], const struct vs_range *stack)
{
	struct vs_range tls = vs_tls_area(), rseq = vs_rseq_area();
	struct vs_range image = vs_image();
	uintptr_t shadow = vs_shadow_stack();

	keep[STACK] = pages(stack->lo - AROUND_STACK, stack->hi + AROUND_STACK);
	keep[THREAD] = pages(tls.lo - AROUND_THREAD, tls.hi + AROUND_THREAD);
	keep[IMAGE] = pages(image.lo, image.hi);
	keep[RSEQ] = pages(rseq.lo, rseq.hi);
	keep[SHADOW] = (struct vs_range){0, 0};
	if (shadow)
		keep[SHADOW] =
			pages(shadow - AROUND_STACK, shadow + AROUND_STACK);
}

static void add_around_windows(const struct vs_terms *terms, uintptr_t lo,
			       uintptr_t hi, unsigned flags)
{
	for (unsigned i = 0; i < terms->windows && lo < hi; i++) {
		const struct vs_range *w = &terms->window[i];

		if (!vs_range_meets(w, lo, hi - lo))
			continue;
		if (w->lo > lo)
			vs_parts_add(lo, w->lo, flags);
		vs_parts_end_range();
		lo = w->hi;
	}
	if (lo < hi)
		vs_parts_add(lo, hi, flags);
}

/* Each of `keep` is met once: they are in no order. */
/* NOLINTNEXTLINE(misc-no-recursion) */
static void add(const struct vs_range *keep, const struct vs_terms *terms,
		uintptr_t lo, uintptr_t hi, unsigned flags)
{
	for (int i = 0; i < VS_KEPT; i++) {
		const struct vs_range *k = &keep[i];

		if (!vs_range_meets(k, lo, hi - lo))
			continue;
		if (k->lo > lo)
			add(keep, terms, lo, k->lo, flags);
		vs_parts_end_range();
		if (k->hi < hi)
			add(keep, terms, k->hi, hi, flags);
		return;
	}
	add_around_windows(terms, lo, hi, flags);
}

void vs_kept_add_around(const struct vs_range keep[VS_KEPT],
			const struct vs_terms *terms, const struct vs_range *at,
			unsigned flags)
{
	add(keep, terms, at->lo, at->hi, flags);
}
