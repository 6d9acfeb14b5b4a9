/* SPDX-License-Identifier: MIT
 *
 * The speculative child's calls on its memory map. Outside lazy ranges they are
 * its own business. Inside one, the map is not what the child believes it to
 * be: only advice that changes no content passes.
 */
#include <errno.h>
#include <sys/mman.h>

#include "kernel/proc_maps.h"
#include "txn/child/internal.h"

static void must_miss_lazy(long nr, long addr, long len)
{
	if (vs_pages_lazy((uintptr_t)addr, (uintptr_t)len))
		vs_child_rollback(VS_UNDONE_MEMORY_CALL, nr);
}

/* Shared memory stays read-only, where it is. */
static void must_miss_shared(long nr, long addr, long len)
{
	if (vs_pages_shared((uintptr_t)addr, (uintptr_t)len))
		vs_child_rollback(VS_UNDONE_MEMORY_CALL, nr);
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

/* The heap may grow beyond its lazy range, but not shrink into it. */
long vs_brk_call(const long args[6])
{
	long to = args[0], now = vs_sys(SYS_brk, 0);

	if (to && (unsigned long)to < (unsigned long)now)
		must_miss_lazy(SYS_brk, to, now - to);
	return vs_sys(SYS_brk, to);
}

static long make(long nr, const long args[6])
{
	return vs_sys(nr, args[0], args[1], args[2], args[3], args[4], args[5]);
}

long vs_mmap_call(long args[6])
{
	args[4] = vs_mem_fd_hide(args[4]);
	/* Writes to a file would be seen. */
	if ((int)args[4] >= 0 && (args[2] & PROT_WRITE) &&
	    (args[3] & MAP_TYPE) != MAP_PRIVATE)
		vs_child_rollback(VS_UNDONE_SYSCALL, SYS_mmap);
	if (args[3] & MAP_FIXED)
		must_miss_lazy(SYS_mmap, args[0], args[1]);
	return make(SYS_mmap, args);
}

long vs_munmap_call(const long args[6])
{
	must_miss_lazy(SYS_munmap, args[0], args[1]);
	return make(SYS_munmap, args);
}

long vs_mprotect_call(const long args[6])
{
	must_miss_lazy(SYS_mprotect, args[0], args[1]);
	must_miss_shared(SYS_mprotect, args[0], args[1]);
	/* What was shared and not writable so far. */
	if (args[2] & PROT_WRITE &&
	    vs_maps_shared((uintptr_t)args[0], (uintptr_t)(args[0] + args[1])))
		vs_child_rollback(VS_UNDONE_MEMORY_CALL, SYS_mprotect);
	return make(SYS_mprotect, args);
}

long vs_madvise_call(const long args[6])
{
	if (!content_stays(args[2]))
		must_miss_lazy(SYS_madvise, args[0], args[1]);
	return make(SYS_madvise, args);
}

long vs_mremap_call(const long args[6])
{
	long len = args[1] ? args[1] : 1; /* 0: a second place for the same */

	if (args[3] & MREMAP_FIXED)
		must_miss_lazy(SYS_mremap, args[4], args[2]);
	must_miss_lazy(SYS_mremap, args[0], len);
	must_miss_shared(SYS_mremap, args[0], len);
	return make(SYS_mremap, args);
}
