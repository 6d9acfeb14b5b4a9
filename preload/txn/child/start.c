/* SPDX-License-Identifier: MIT
 * The child's first steps, its faults, and the stack that it believes to have
 * for these. */
#include <errno.h>
#include <stdatomic.h>
#include <stddef.h>
#include <sys/mman.h>

#include "base/child_kind.h"
#include "base/image.h"
#include "kernel/dispatch.h"
#include "kernel/point.h"
#include "kernel/proc/open_high.h"
#include "kernel/proc/maps.h"
#include "kernel/proc/path.h"
#include "txn/child/internal.h"
#include "txn/map/lazy.h"
#include "txn/map/renew.h"
#include "txn/map/shared.h"

#ifndef MAP_FIXED_NOREPLACE /* Linux 4.17 */
#	define MAP_FIXED_NOREPLACE 0x100000
#endif

/* PROT_NONE keeps what was not copied from being reused by mmap, and makes a
 * touch a fault. False if something is there. A process may have more memory
 * than its limit allows for by now, which a copy of it could have, too. */
static bool map_lazy(uintptr_t lo, uintptr_t hi)
{
	long r = vs_sys(SYS_mmap, lo, hi - lo, PROT_NONE,
			MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE |
				MAP_FIXED_NOREPLACE,
			-1, 0);

	if (vs_unlikely(r == -ENOMEM))
		vs_child_rollback(VS_UNDONE_NO_RESOURCE, 0);
	return r == (long)lo;
}

/* If something is in the way, another thread has unmapped a marked mapping
 * between the marking and the clone, and mapped something new, which was
 * copied: that is right as it is. The rest of the range is found by bisection,
 * down to pages; 36 calls deep at most, for 48 bits of address less 12. */
/* NOLINTNEXTLINE(misc-no-recursion) */
static void map_around(uintptr_t lo, uintptr_t hi)
{
	uintptr_t middle;

	if (map_lazy(lo, hi))
		return;
	if (hi - lo <= VS_PAGE) {
		vs_fill_replaced(lo, hi);
		return;
	}
	middle = vs_page_down(lo + (hi - lo) / 2);
	map_around(lo, middle);
	map_around(middle, hi);
}

static void map_lazy_ranges(void)
{
	for (int i = 0; i < vs_lazy_count(); i++) {
		struct vs_range range = vs_lazy(i);

		map_around(range.lo, range.hi);
	}
}

/* What the child writes to shared memory cannot be undone. Reading it is as
 * good as in a native child. False if not all of it is there. */
static bool protect(const struct vs_range *r)
{
	if (!vs_sys(SYS_mprotect, r->lo, r->hi - r->lo, PROT_READ))
		return true;
	/* Not copied (io_uring, perf, RDMA: VM_DONTCOPY), or gone. */
	if (!map_lazy(r->lo, r->hi))
		return false;
	vs_sys(SYS_munmap, r->lo, r->hi - r->lo);
	return true;
}

/* The parent has not read its map, because its other threads could see that;
 * this process's descriptors they cannot. And not this process's own map: for
 * that the kernel had to make its folder in /proc, which takes 15 us. */
static void renew(void)
{
	struct vs_maps maps;
	char path[VS_PROC_PATH];
	bool good;

	if (vs_maps_open_at(&maps,
			    vs_proc_path(path, vs_txn.parent, "/maps"))) {
		vs_txn.page->unchecked = true;
		vs_child_rollback(VS_UNDONE_SETUP, 0);
	}
	good = vs_renew_parts(&maps, false);
	if (good)
		vs_renew_shared(&maps);
	vs_maps_close(&maps);
	if (!good)
		vs_child_rollback(VS_UNDONE_MEMORY_CHANGED, 0);
}

/* For more shared mappings than the list has: looks for those that are
 * still writable, but for our own. */
static void protect_the_rest(void)
{
	static char text[VS_MAPS_TEXT] VS_BIG;
	struct vs_maps maps;
	struct vs_range image = vs_image();
	struct vs_map map;

	if (vs_maps_open(&maps, text, false) < 0)
		vs_child_rollback(VS_UNDONE_SETUP, 0);
	while (vs_maps_next(&maps, &map)) {
		if (map.shared && !vs_range_has(&image, map.at.lo) &&
		    !protect(&map.at))
			vs_child_rollback(VS_UNDONE_SETUP, 0);
	}
	vs_maps_close(&maps);
}

static void protect_shared(void)
{
	/* Neighbours have been joined in the list, and one of them may be gone.
	 */
	for (int i = 0; i < vs_shared_count(); i++) {
		if (!protect(vs_shared(i)))
			vs_shared_more();
	}
	if (vs_unlikely(vs_shared_is_more()))
		protect_the_rest();
}

/* From now on the parent is told when this memory is gone; see state.h. */
static void register_end(void)
{
	struct vs_txn_page *page = vs_txn.page;
	/* Read first: that enters the pages around it, too, which a write would
	 * not (do_fault() in mm/memory.c). */
	unsigned word = page->word;

	vs_sys(SYS_set_robust_list, &page->head, sizeof(page->head));
	if (!word)
		atomic_compare_exchange_strong(&page->word, &word,
					       (unsigned)vs_sys(SYS_gettid) |
						       FUTEX_WAITERS);
}

/* Unless the parent has opened its memory, or serves it. */
static void open_memory(void)
{
	if (vs_txn.serves || vs_txn.mem_fd >= 0)
		return;
	vs_txn.mem_fd = (int)vs_open_high(vs_txn.mem_path);
	if (vs_txn.mem_fd == -EACCES || vs_txn.mem_fd == -EPERM)
		vs_child_rollback(VS_UNDONE_UNDUMPABLE, 0);
	if (vs_txn.mem_fd < 0)
		vs_child_rollback(VS_UNDONE_NO_RESOURCE, 0);
}

/* The handler of faults. One that is not for us would be handled by the
 * application, or dump core: that takes a native child, which faults again.
 * What somebody has sent it has to be given. */
static void on_fault(int sig, siginfo_t *info, void *context)
{
	uintptr_t addr = (uintptr_t)info->si_addr;

	VS_POINT(fault);
	if (info->si_code <= 0)
		vs_child_pass_on(info);
	if (sig == SIGSEGV && vs_pages_fault(addr)) {
		VS_POINT(faulted);
		vs_handler_end(context);
		return;
	}
	if (sig == SIGSEGV && vs_pages_shared(addr, 1))
		vs_child_rollback(VS_UNDONE_SHARED_WRITE, 0);
	vs_child_rollback(VS_UNDONE_CRASH, sig);
}

/* ---- the alternate stack: the real one is our handlers' ---- */

static stack_t alternate VS_HOT; /* as the child set it */

/* The least size that the kernel takes is 2 to 5 KiB, by CPU. */
static bool may_be_altstack(const stack_t *set)
{
	enum { LARGE_ENOUGH = 1 << 13 };

	return set->ss_flags == SS_DISABLE ||
	       (!set->ss_flags && set->ss_size >= LARGE_ENOUGH);
}

/* The padding is zeros, as the kernel's: programs compare two with memcmp(). */
static void give_altstack(stack_t *to, const stack_t *from)
{
	unsigned char *byte = (unsigned char *)to;

	for (size_t i = 0; i < sizeof(*to); i++)
		byte[i] = 0;
	to->ss_sp = from->ss_sp;
	to->ss_flags = from->ss_flags;
	to->ss_size = from->ss_size;
}

long vs_signals_altstack(const long args[6])
{
	const stack_t *set = (const void *)args[0];
	static const stack_t none = {.ss_flags = SS_DISABLE};
	stack_t *old = (void *)args[1], before = alternate;

	vs_child_want((uintptr_t)args[0], sizeof(*set));
	vs_child_want((uintptr_t)args[1], sizeof(*old));
	if (set) {
		if (!may_be_altstack(set))
			vs_child_rollback(VS_UNDONE_SYSCALL, SYS_sigaltstack);
		alternate = set->ss_flags ? none : *set;
	}
	if (old)
		give_altstack(old, &before);
	return 0;
}

/* ---- the first steps ---- */

void vs_child_start(uint64_t mask, const struct vs_ksigaction *sigsys,
		    const stack_t *altstack, vs_handler on_sigsys)
{
	vs_speculative = true;
	register_end();
	vs_txn.page->ready = true; /* it can be told to leave from now on */
	VS_POINT(registered);
	alternate = *altstack;
	vs_signals_start(mask, sigsys, on_sigsys, on_fault);
	VS_POINT(signals);
	open_memory();
	VS_POINT(opened);
	map_lazy_ranges();
	VS_POINT(lazy);
	if (vs_txn.renew)
		renew();
	VS_POINT(ranges);
	protect_shared();
	VS_POINT(shared);
	if (vs_txn.needs)
		vs_pages_prefetch();
	VS_POINT(fetched);
	if (vs_dispatch_on())
		vs_child_rollback(VS_UNDONE_SETUP, 0);
	VS_POINT(supervised);
}
