/* SPDX-License-Identifier: MIT
 *
 * The speculative child's calls on its memory map. Outside the holes they are
 * its own business. Inside one, the map is not what the child believes it to
 * be: only advice that changes no content passes.
 */
#include <errno.h>
#include <sys/mman.h>

#include "base/proc_maps.h"
#include "port.h"
#include "txn/child/internal.h"

static void must_miss_holes(long nr, long addr, long len)
{
	if (vs_pages_in_hole((uintptr_t)addr, (uintptr_t)len))
		vs_child_rollback(VS_WHY_MEMORY_CALL, nr);
}

/* Shared memory stays read-only, where it is. */
static void must_miss_public(long nr, long addr, long len)
{
	for (int i = 0; i < vs_txn.publics; i++) {
		const struct vs_range *r = &vs_txn.public[i];

		if ((uintptr_t)addr < r->hi && (uintptr_t)(addr + len) > r->lo)
			vs_child_rollback(VS_WHY_MEMORY_CALL, nr);
	}
}

static bool content_stays(long advice)
{
	switch (advice) {
	case MADV_NORMAL:
	case MADV_RANDOM:
	case MADV_SEQUENTIAL:
	case MADV_WILLNEED:
	case MADV_HUGEPAGE:
	case MADV_NOHUGEPAGE:
	case MADV_MERGEABLE:
	case MADV_UNMERGEABLE:
	case MADV_DONTDUMP:
	case MADV_DODUMP:
		return true;
	default:
		return false;
	}
}

/* The heap may grow beyond its hole, but not shrink into it. */
static long brk_call(long to)
{
	long now = vs_sys(SYS_brk, 0);

	if (to && (unsigned long)to < (unsigned long)now)
		must_miss_holes(SYS_brk, to, now - to);
	return vs_sys(SYS_brk, to);
}

static void mmap_call(long args[6])
{
	args[4] = vs_fds_shown(args[4]);
	/* Writes to a file would be seen. */
	if ((int)args[4] >= 0 && (args[2] & PROT_WRITE) &&
	    (args[3] & MAP_TYPE) != MAP_PRIVATE)
		vs_child_rollback(VS_WHY_SYSCALL, SYS_mmap);
	if (args[3] & MAP_FIXED)
		must_miss_holes(SYS_mmap, args[0], args[1]);
}

long vs_memory_syscall(long nr, long args[6])
{
	switch (nr) {
	case SYS_brk:
		return brk_call(args[0]);
	case SYS_mmap:
		mmap_call(args);
		break;
	case SYS_madvise:
		if (!content_stays(args[2]))
			must_miss_holes(nr, args[0], args[1]);
		break;
	case SYS_mremap:
		if (args[3] & MREMAP_FIXED)
			must_miss_holes(nr, args[4], args[2]);
		must_miss_holes(nr, args[0], args[1] ? args[1] : 1);
		must_miss_public(nr, args[0], args[1] ? args[1] : 1);
		break;
	case SYS_mprotect:
		must_miss_holes(nr, args[0], args[1]);
		must_miss_public(nr, args[0], args[1]);
		/* What was shared and not writable so far. */
		if (args[2] & PROT_WRITE &&
		    vs_maps_shared((uintptr_t)args[0],
				   (uintptr_t)(args[0] + args[1])))
			vs_child_rollback(VS_WHY_MEMORY_CALL, nr);
		break;
	default:
		must_miss_holes(nr, args[0], args[1]);
	}
	return vs_sys(nr, args[0], args[1], args[2], args[3], args[4], args[5]);
}
