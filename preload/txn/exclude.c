/* SPDX-License-Identifier: MIT
 *
 * What the child of a transaction does not copy. MADV_DONTFORK makes the
 * kernel skip a mapping, its page tables and its commit charge, so that
 * neither time nor strict overcommit is paid for it.
 */
#include <errno.h>
#include <stdatomic.h>
#include <stddef.h>
#include <sys/mman.h>

#include "base/proc_maps.h"
#include "memory/app_marks.h"
#include "port.h"
#include "txn/txn.h"

/* Below this the page tables cost less to copy than the mapping to mark:
 * two madvise calls, a hole in the child, and a chunk per touch. */
enum { WORTHWHILE = 1 << 20 };

/* The stack and the control block of the calling thread, when they lie inside
 * a big mapping. The kernel itself writes to the latter (tid, rseq, robust
 * list; libc's struct pthread is some 2 KiB) and takes no fault there. */
enum { AROUND_STACK = 1 << 14, AROUND_THREAD = 1 << 13 };

enum { PAGE = 4096 };

/* Start and end of this object's image, by the linker. */
extern char __ehdr_start[] __attribute__((visibility("hidden")));
extern char _end[] __attribute__((visibility("hidden")));

static bool overlaps(uintptr_t lo, uintptr_t hi, const struct vs_range *with)
{
	return lo < with->hi && hi > with->lo;
}

/* ---- finding ---- */

static bool copyable(const struct vs_map *map)
{
	uintptr_t top = vs_stack_top();

	return map->anonymous && map->readable && !map->executable &&
	       !map->shared && !(top >= map->lo && top < map->hi);
}

struct scan {
	struct vs_range keep[4]; /* to be copied, page aligned */
	uintptr_t least;	 /* smallest size worth marking */
};

static void keep(struct vs_range *range, uintptr_t lo, uintptr_t hi)
{
	range->lo = lo & ~(uintptr_t)(PAGE - 1);
	range->hi = (hi + PAGE - 1) & ~(uintptr_t)(PAGE - 1);
}

/* The table is full: what is small does not pay any more. */
static void drop_small(struct vs_txn *txn, struct scan *scan)
{
	int kept = 0;

	scan->least *= 4;
	for (int i = 0; i < txn->ranges; i++) {
		struct vs_range r = txn->range[i];

		if (r.hi - r.lo >= scan->least)
			txn->range[kept++] = r;
	}
	txn->ranges = kept;
}

/* Add [lo, hi) without the parts to keep. */
static void add(struct vs_txn *txn, struct scan *scan, uintptr_t lo,
		uintptr_t hi)
{
	for (int i = 0; i < 4; i++) {
		const struct vs_range *k = &scan->keep[i];

		if (!overlaps(lo, hi, k))
			continue;
		if (k->lo > lo)
			add(txn, scan, lo, k->lo);
		if (k->hi < hi)
			add(txn, scan, k->hi, hi);
		return;
	}
	while (txn->ranges == VS_MAX_RANGES)
		drop_small(txn, scan);
	if (hi - lo < scan->least)
		return;
	txn->range[txn->ranges].lo = lo;
	txn->range[txn->ranges++].hi = hi;
}

/* 0, or -ENOMEM if there are too many of them. Our own two are left out. */
static int note_public(struct vs_txn *txn, const struct vs_map *map)
{
	uintptr_t shared = (uintptr_t)txn->shared, sites = (uintptr_t)txn->site;

	if ((shared >= map->lo && shared < map->hi) ||
	    (sites >= map->lo && sites < map->hi))
		return 0;
	if (txn->publics == VS_MAX_PUBLIC)
		return -ENOMEM;
	txn->public[txn->publics].lo = map->lo;
	txn->public[txn->publics++].hi = map->hi;
	return 0;
}

static int consider(struct vs_txn *txn, struct scan *scan, struct vs_maps *maps,
		    const struct vs_map *map)
{
	uintptr_t size = map->hi - map->lo;

	if (map->shared)
		return note_public(txn, map);
	/* glibc's fork writes to every thread's stack in the child
	 * (reclaim_stacks), and they have little resident: they are copied. */
	if (size < scan->least || !copyable(map) || vs_maps_stack(maps, map))
		return 0;
	if (!vs_marked(map->lo, map->hi))
		add(txn, scan, map->lo, map->hi);
	return 0;
}

/* ---- marking ---- */

static int find(struct vs_txn *txn, uintptr_t sp)
{
	static struct vs_maps maps VS_BIG;
	struct scan scan = {.least = WORTHWHILE};
	uintptr_t tp = vs_thread_pointer();
	struct vs_map map;
	int r;

	keep(&scan.keep[0], sp - AROUND_STACK, sp + AROUND_STACK);
	keep(&scan.keep[1], tp - AROUND_THREAD, tp + AROUND_THREAD);
	keep(&scan.keep[2], (uintptr_t)__ehdr_start, (uintptr_t)_end);
	keep(&scan.keep[3], tp + vs_rseq_offset(), tp + vs_rseq_offset() + 32);
	txn->ranges = txn->publics = 0;
	r = vs_maps_open(&maps, false);
	if (r < 0)
		return r;
	while (!r && vs_maps_next(&maps, &map))
		r = consider(txn, &scan, &maps, &map);
	vs_maps_close(&maps);
	return r;
}

/* Another thread may have moved a marked mapping: see sweep(). */
static _Atomic bool may_have_strayed;

int vs_marks_set(struct vs_txn *txn, uintptr_t sp)
{
	int r = find(txn, sp), marked = 0;

	if (r < 0)
		return r;
	for (int i = 0; i < txn->ranges; i++) {
		struct vs_range range = txn->range[i];

		/* Gone since, or one mapping too many for the kernel (the mark
		 * may split one): what is marked of it is unmarked again. */
		if (vs_sys(SYS_madvise, range.lo, range.hi - range.lo,
			   MADV_DONTFORK)) {
			vs_sys(SYS_madvise, range.lo, range.hi - range.lo,
			       MADV_DOFORK);
			continue;
		}
		txn->range[marked++] = range;
	}
	txn->ranges = marked;
	return 0;
}

/*
 * A mapping keeps its mark when mremap() moves it, and another thread may do
 * that while a transaction is under way (realloc of a big block does). Then
 * its old place is usually empty and unmarking fails there, which starts a
 * sweep at once; if something else was mapped there in the meantime, nothing
 * tells, and only the sweep before the next true fork helps. A mark does no
 * harm before that. By then it may be on memory of any protection: collectors
 * of garbage make theirs read-only.
 */
static void sweep(void)
{
	struct vs_maps maps;
	struct vs_map map;

	if (vs_maps_open(&maps, true) < 0)
		return;
	while (vs_maps_next(&maps, &map)) {
		if (map.anonymous && !map.shared)
			vs_marked_clear_stray(map.lo, map.hi);
	}
	vs_maps_close(&maps);
	/* Last: another true fork meanwhile has to do the same. */
	may_have_strayed = false;
}

void vs_marks_clear(const struct vs_txn *txn)
{
	bool strayed = false;

	for (int i = 0; i < txn->ranges; i++) {
		const struct vs_range *range = &txn->range[i];

		if (vs_sys(SYS_madvise, range->lo, range->hi - range->lo,
			   MADV_DOFORK))
			strayed = true;
	}
	if (!vs_single_threaded())
		may_have_strayed = true;
	if (strayed)
		sweep();
}

void vs_marks_sweep_if_needed(void)
{
	if (may_have_strayed)
		sweep();
}
