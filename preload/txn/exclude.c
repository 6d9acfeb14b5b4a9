/* SPDX-License-Identifier: MIT
 *
 * What the child of a transaction does not copy. MADV_DONTFORK makes the
 * kernel skip a mapping, its page tables and its commit charge, so that
 * neither time nor strict overcommit is paid for it (dup_mmap() in mm/mmap.c).
 * Raw system calls only.
 */
#include <errno.h>
#include <stddef.h>

#include "base/image.h"
#include "kernel/aside.h"
#include "kernel/proc_maps.h"
#include "kernel/sys.h"
#include "libc/facts.h"
#include "libc/places.h"
#include "memory/app_marks.h"
#include "memory/gate.h"
#include "txn/internal.h"

/* Bytes below which the page tables cost less to copy than the mapping to mark:
 * two madvise calls, a lazy range in the child, and a chunk per touch. */
enum { WORTHWHILE = 1 << 20 };

/* Bytes to copy on either side of the calling thread's frames and of its static
 * TLS, when they lie inside a big mapping. The kernel itself writes to what is
 * beside the latter (tid, robust list) and takes no fault there; libc's struct
 * pthread is some 2 KiB. */
enum { AROUND_STACK = 1 << 14, AROUND_THREAD = 1 << 13 };

/* ---- finding ---- */

static bool may_be_lazy(const struct vs_map *map)
{
	return map->anonymous && map->readable && !map->executable &&
	       !map->shared && !vs_range_has(&map->at, vs_stack_top());
}

enum { STACK, THREAD, IMAGE, RSEQ, KEPT };

struct scan {
	struct vs_range keep[KEPT]; /* to be copied, page aligned */
	uintptr_t least;	    /* smallest size worth marking */
	enum vs_guards guards;
};

static struct vs_range pages(uintptr_t lo, uintptr_t hi)
{
	return (struct vs_range){vs_page_down(lo), vs_page_up(hi)};
}

/* The table is full: what is small does not pay any more. */
static void drop_small(struct vs_txn *txn, struct scan *scan)
{
	int kept = 0;

	scan->least *= 4;
	for (int i = 0; i < txn->lazies; i++) {
		struct vs_range r = txn->lazy[i];

		if (r.hi - r.lo >= scan->least)
			txn->lazy[kept++] = r;
	}
	txn->lazies = kept;
}

/* Add [lo, hi) without the parts to keep, of which each is met once. */
/* NOLINTNEXTLINE(misc-no-recursion) */
static void add(struct vs_txn *txn, struct scan *scan, uintptr_t lo,
		uintptr_t hi)
{
	for (int i = 0; i < KEPT; i++) {
		const struct vs_range *k = &scan->keep[i];

		if (!vs_range_meets(k, lo, hi - lo))
			continue;
		if (k->lo > lo)
			add(txn, scan, lo, k->lo);
		if (k->hi < hi)
			add(txn, scan, k->hi, hi);
		return;
	}
	while (txn->lazies == VS_MAX_LAZY)
		drop_small(txn, scan);
	if (hi - lo < scan->least)
		return;
	txn->lazy[txn->lazies].lo = lo;
	txn->lazy[txn->lazies++].hi = hi;
}

/* Writable shared mappings, neighbours joined. Our own are left out: the child
 * writes to them. Of those beyond the list the child has to find out itself. */
static void note_shared(struct vs_txn *txn, const struct vs_range *at)
{
	struct vs_range image = vs_image();
	struct vs_range *last = &txn->shared[txn->shareds - 1];

	if (vs_range_has(&image, at->lo))
		return;
	if (txn->shareds && last->hi == at->lo)
		last->hi = at->hi;
	else if (txn->shareds < VS_MAX_SHARED)
		txn->shared[txn->shareds++] = *at;
	else
		txn->more_shared = true;
}

static void consider(struct vs_txn *txn, struct scan *scan,
		     struct vs_maps *maps, const struct vs_map *map)
{
	uintptr_t lo = map->at.lo, hi = map->at.hi;

	if (map->shared) {
		note_shared(txn, &map->at);
		return;
	}
	/* glibc's fork writes to every thread's stack in the child
	 * (reclaim_stacks() in nptl), and they have little resident: they are
	 * copied. */
	if (hi - lo < scan->least || !may_be_lazy(map) ||
	    vs_maps_stack(maps, map, scan->guards))
		return;
	if (!vs_app_marks_meet(lo, hi))
		add(txn, scan, lo, hi);
}

struct search {
	struct vs_txn *txn;
	struct scan scan;
	int error;
};

/* Runs aside, too. */
static void find(void *arg)
{
	static struct vs_maps maps VS_BIG;
	struct search *search = arg;
	struct vs_map map;

	search->error = vs_maps_open(&maps, false);
	if (search->error < 0)
		return;
	while (vs_maps_next(&maps, &map))
		consider(search->txn, &search->scan, &maps, &map);
	vs_maps_close(&maps);
}

/* Where other threads could see a descriptor of ours, in a task aside. */
static long find_unseen(struct vs_txn *txn, const struct vs_range *stack)
{
	struct vs_range tls = vs_tls_area(), rseq = vs_rseq_area();
	struct search search = {.txn = txn, .scan.least = WORTHWHILE};
	struct vs_range image = vs_image(), *keep = search.scan.keep;
	long r = 0;

	if (vs_glibc_minor() >= 42)
		search.scan.guards =
			txn->serves ? VS_GUARDS_READ : VS_GUARDS_PAGEMAP;
	keep[STACK] = pages(stack->lo - AROUND_STACK, stack->hi + AROUND_STACK);
	keep[THREAD] = pages(tls.lo - AROUND_THREAD, tls.hi + AROUND_THREAD);
	keep[IMAGE] = pages(image.lo, image.hi);
	keep[RSEQ] = pages(rseq.lo, rseq.hi);
	txn->lazies = txn->shareds = 0;
	txn->more_shared = false;
	if (vs_single_threaded())
		find(&search);
	else
		r = vs_aside_unreaped(find, &search);
	return r ? r : search.error;
}

/* ---- marking ---- */

long vs_exclude(struct vs_txn *txn, const struct vs_range *stack)
{
	long r = find_unseen(txn, stack);
	int marked = 0;

	if (r < 0)
		return r;
	for (int i = 0; i < txn->lazies; i++) {
		struct vs_range range = txn->lazy[i];

		/* Gone since, or one mapping too many for the kernel (the mark
		 * may split one): what is marked of it is unmarked again. */
		if (vs_sys(SYS_madvise, range.lo, range.hi - range.lo,
			   MADV_DONTFORK)) {
			vs_sys(SYS_madvise, range.lo, range.hi - range.lo,
			       MADV_DOFORK);
			continue;
		}
		txn->lazy[marked++] = range;
	}
	txn->lazies = marked;
	return 0;
}

void vs_exclude_undo(const struct vs_txn *txn)
{
	bool lost = false;

	for (int i = 0; i < txn->lazies; i++) {
		const struct vs_range *range = &txn->lazy[i];

		if (vs_sys(SYS_madvise, range->lo, range->hi - range->lo,
			   MADV_DOFORK))
			lost = true;
	}
	vs_gate_unmarked(lost);
}
