/* SPDX-License-Identifier: MIT
 * What the child of a transaction need not copy: the parent's mappings, and
 * which of them may be lazy. Raw system calls only. */
#include <stddef.h>
#include <sys/mman.h>

#include "kernel/point.h"
#include "kernel/proc/maps.h"
#include "kernel/sys.h"
#include "kernel/task/aside.h"
#include "libc/facts.h"
#include "libc/threads.h"
#include "libc/places.h"
#include "memory/app_marks.h"
#include "txn/able/able.h"
#include "txn/scan/growth.h"
#include "txn/scan/scan.h"
#include "txn/scan/whole.h"
#include "txn/scan/kept.h"
#include "txn/scan/recall.h"
#include "txn/map/parts.h"
#include "txn/map/renew.h"
#include "txn/map/shared.h"

/* Bytes below which the page tables cost less to copy than a lazy range: two
 * madvise calls, a mapping in the child, and a chunk per touch. */
enum { WORTHWHILE = 1 << 20 };

/* The same of a file's, which only a walk over all mappings finds, each time,
 * and only a descriptor of this memory hands over. CPython, the JVM and LLVM
 * have 1 to 3 MB of data. */
enum { FILE_WORTHWHILE = 8 << 20 };

/* Of what cannot be touched: a guard between two mappings, or a reservation,
 * which costs nothing to copy, and the child may begin to use. */
enum { GUARD = 1 << 16 };

/* glibc's fork writes to every thread's stack in the child (reclaim_stacks() in
 * nptl), and they have little resident: they are copied. So many of what looks
 * like one are, for a hardened allocator's slabs look the same; libc keeps the
 * stacks of former threads. */
enum { FORMER_THREADS = 16 };

struct scan {
	struct vs_txn *txn;
	struct vs_range keep[VS_KEPT];
	struct vs_terms terms;
	bool thorough;	 /* all mappings, not the writable ones */
	unsigned shared; /* so many there are */
	uint64_t stacks; /* that are still to come */
	unsigned seen;	 /* mappings */
	bool files;	 /* big ones, mapped privately: lazy, if not served */
	uint64_t gained; /* bytes that only a thorough one finds */
	enum vs_guards guards;
	int error;
};

/* Whether the next scans are to be thorough: the last one was, and found what
 * the others would not have; or it is time again. To look at what cannot be
 * written to takes as long as the rest, and there rarely is anything. */
static struct {
	bool pays;
	bool many_shared;
	unsigned calls;
} thorough VS_HOT;

/* Once in so many calls all is looked at. */
enum { LOOK_AGAIN = 16 };

/* Each is copied, without its page tables, and made read-only in the child.
 * Where there are many they are left out: a child that touches one is rolled
 * back, and this process does it no more. */
enum { MANY_SHARED = 32 };

static void conclude(const struct scan *scan)
{
	scan->txn->of_files = scan->files;
	if (scan->thorough)
		thorough.pays = scan->gained >= WORTHWHILE;
	thorough.many_shared =
		scan->shared >= MANY_SHARED && !scan->txn->page->needs_shared;
}

static void add(const struct scan *scan, const struct vs_map *map)
{
	vs_kept_add_around(scan->keep, &scan->terms, &map->at,
			   vs_part_flags(map));
}

/* Of a file, what has never been written to has no page tables that would be
 * copied, but that does not show; text has not, and the child needs it. The
 * parent does not serve it: to read it may take a server that waits for it. Of
 * huge pages (hugetlbfs) a child may find none left for its own, and die. */
static bool is_big_file(const struct vs_maps *maps, const struct vs_map *map)
{
	return map->writable && map->at.hi - map->at.lo >= FILE_WORTHWHILE &&
	       vs_maps_usual_pages(maps, map->at.lo);
}

static bool may_be_lazy(struct scan *scan, const struct vs_maps *maps,
			const struct vs_map *map)
{
	uintptr_t size = map->at.hi - map->at.lo;
	bool touchable = vs_part_flags(map) & VS_PART_PROT;

	if (map->special || vs_range_has(&map->at, vs_stack_top()))
		return false;
	if (!map->anonymous) {
		if (!is_big_file(maps, map))
			return false;
		scan->files = true;
		return !scan->txn->serves;
	}
	return touchable ? size >= VS_LEAST_LAZY : size <= GUARD;
}

/* False if it is to be copied. */
static bool leave_out_shared(struct scan *scan, const struct vs_map *map)
{
	scan->shared += map->writable;
	if (!scan->terms.shared_too || !map->shmem ||
	    vs_app_marks_meet(map->at.lo, map->at.hi))
		return false;
	scan->txn->shared_lazy = true;
	/* What is in a range too small to be left out is copied. */
	vs_shared_more();
	return true;
}

static bool is_stack(struct scan *scan, struct vs_maps *maps,
		     const struct vs_map *map)
{
	if (!scan->stacks || !map->readable || !map->writable ||
	    !vs_maps_stack(maps, map, scan->guards))
		return false;
	scan->stacks--;
	return true;
}

static void consider(struct scan *scan, struct vs_maps *maps,
		     const struct vs_map *map)
{
	uintptr_t lo = map->at.lo, hi = map->at.hi;
	bool plain = map->anonymous && map->writable && !map->executable;

	if (map->shared && leave_out_shared(scan, map)) {
		add(scan, map);
		return;
	}
	if (map->shared && map->writable)
		vs_shared_note(&map->at);
	if (map->shared || !may_be_lazy(scan, maps, map) ||
	    is_stack(scan, maps, map) || vs_app_marks_meet(lo, hi)) {
		vs_parts_end_range();
		return;
	}
	if (!plain || hi - lo < WORTHWHILE)
		scan->gained += hi - lo;
	add(scan, map);
}

/* Runs aside, too. */
static void find(void *arg)
{
	static char text[VS_MAPS_TEXT] VS_BIG;
	struct vs_maps maps;
	struct scan *scan = arg;
	struct vs_map map;

	VS_POINT(looking);
	scan->error = vs_maps_open(&maps, text, scan->thorough);
	if (scan->error < 0)
		return;
	vs_whole_windows(&maps, &scan->terms);
	for (; vs_maps_next(&maps, &map); scan->seen++)
		consider(scan, &maps, &map);
	vs_parts_end_range();
	vs_growth_after(&maps);
	vs_maps_close(&maps);
	VS_POINT(found);
}

/* Where other threads could see a descriptor of ours, in a task aside. */
static long find_unseen(struct scan *scan)
{
	vs_sigset mask;
	long r;

	vs_app_marks_hold(&mask);
	r = vs_aside(find, scan);
	vs_app_marks_release(&mask);
	return r;
}

static void set_terms(struct vs_terms *terms, const struct vs_txn *txn)
{
	terms->serves = txn->serves;
	terms->shared_too = thorough.many_shared;
	terms->threads = vs_txn_seen()->threads;
	terms->anonymous = vs_txn_anonymous_bytes();
	terms->marks = vs_app_marks_changes();
	terms->windows = vs_site_windows(txn->site, terms->window,
					 VS_RECALL_WINDOWS, terms->threads > 1);
}

long vs_scan(struct vs_txn *txn, const struct vs_range *stack)
{
	struct scan scan = {.txn = txn};
	bool due = thorough.calls++ % LOOK_AGAIN == 0;
	long r = 0;

	txn->renew = false;
	vs_kept_set(scan.keep, stack);
	set_terms(&scan.terms, txn);
	if (!due && vs_recall(&scan.terms, scan.keep, VS_KEPT))
		return 0;
	scan.thorough = due || thorough.pays || thorough.many_shared;
	txn->shared_lazy = false;
	vs_shared_none();
	vs_growth_before();
	vs_parts_begin(vs_txn_parts(), WORTHWHILE);
	if (scan.terms.threads > 1)
		scan.stacks = scan.terms.threads + FORMER_THREADS;
	if (vs_glibc_minor() >= 42)
		scan.guards = txn->serves ? VS_GUARDS_READ : VS_GUARDS_PAGEMAP;
	if (vs_single_threaded())
		find(&scan);
	else
		r = find_unseen(&scan);
	conclude(&scan);
	r = r ? r : scan.error;
	if (!r)
		vs_recall_note(&scan.terms,
			       scan.files && !txn->serves ? 0 : scan.seen);
	return r;
}
