/* SPDX-License-Identifier: MIT
 *
 * The speculative child's calls on its memory map, by whose memory they change.
 * Its map is its own, and so is what it maps privately: such a call is made.
 * Inside a lazy range the map is not what the child believes it to be, and what
 * is shared is its parent's and others' as well: there only what changes no
 * content passes.
 */
#include <stddef.h>
#include <sys/mman.h>
#include <sys/resource.h>

#include "kernel/proc/maps.h"
#include "kernel/proc/read.h"
#include "txn/calls/internal.h"
#include "txn/map/parts.h"

/* Advice that libc's list may lack: linux/mman.h has it since the version of
 * Linux that is given. */
enum {
	COLD = 20,	      /* 5.4 */
	PAGEOUT = 21,	      /* 5.4 */
	POPULATE_READ = 22,   /* 5.14 */
	POPULATE_WRITE = 23,  /* 5.14 */
	DONTNEED_LOCKED = 24, /* 5.18 */
	GUARD_INSTALL = 102,  /* 6.13 */
	GUARD_REMOVE = 103,   /* 6.13 */
};

/* Parts that a call can be made on. */
enum takes { PRIVATE, TOUCHABLE, ANONYMOUS };

static bool may_take(enum takes which, unsigned flags)
{
	if (flags & VS_PART_SHARED)
		return false;
	return which == PRIVATE ||
	       (flags & VS_PART_PROT &&
		(which == TOUCHABLE || !(flags & VS_PART_FILE)));
}

/* What the parent has there is brought in, and is like other memory then; if it
 * is not much. */
static void bring_in(long nr, long addr, long len, enum takes which)
{
	enum { MUCH = 1 << 20 };
	uintptr_t lo = (uintptr_t)addr, end = lo + (uintptr_t)len;
	struct vs_part part;

	if (!vs_pages_lazy(lo, (uintptr_t)len))
		return;
	if ((uintptr_t)len > MUCH)
		vs_child_rollback(VS_UNDONE_MEMORY_CALL, nr);
	for (uintptr_t at = lo; vs_parts_above(at, &part) && part.at.lo < end;
	     at = part.at.hi) {
		if (!may_take(which, part.flags))
			vs_child_rollback(VS_UNDONE_MEMORY_CALL, nr);
	}
	vs_child_want(lo, (uintptr_t)len);
}

/* Shared memory stays read-only, where it is. */
static void must_miss_shared(long nr, long addr, long len)
{
	if (vs_pages_shared((uintptr_t)addr, (uintptr_t)len))
		vs_child_rollback(VS_UNDONE_MEMORY_CALL, nr);
}

/* ---- RLIMIT_DATA ---- */

/* "size resident shared text lib data dt", in pages; the stack is in it. */
static uint64_t data_bytes(void)
{
	uint64_t n = 0;
	char buf[128];
	int field = 0;

	if (vs_proc_read("/proc/self/statm", buf, sizeof(buf)) <= 0)
		return UINT64_MAX / 2;
	for (const char *at = buf; *at && field < 6; at++) {
		if (*at == ' ' && ++field == 5)
			n = 0;
		else if (*at >= '0' && *at <= '9')
			n = n * 10 + (unsigned)(*at - '0');
	}
	return n * VS_PAGE;
}

static uint64_t writable_parts(void)
{
	struct vs_part part;
	uint64_t n = 0;

	for (uintptr_t at = 0; vs_parts_above(at, &part); at = part.at.hi) {
		if (part.flags & PROT_WRITE && !(part.flags & VS_PART_SHARED))
			n += part.at.hi - part.at.lo;
	}
	return n;
}

/* Private memory that is writable counts, but lazy ranges are not: a native
 * child would be told ENOMEM earlier. What has been brought in counts twice. */
static void must_fit(long nr, long more)
{
	struct {
		uint64_t now, most;
	} limit;

	if (vs_sys(SYS_prlimit64, 0, RLIMIT_DATA, NULL, &limit) ||
	    limit.now == UINT64_MAX)
		return;
	if (data_bytes() + writable_parts() + (unsigned long)more > limit.now)
		vs_child_rollback(VS_UNDONE_NO_RESOURCE, nr);
}

/* ---- the calls ---- */

/* A flag of this child's mapping, or a hint of what to read ahead and what to
 * page out: no content changes, whoever else has the memory. */
static bool changes_nothing(long advice)
{
	switch (advice) {
	case MADV_NORMAL:
	case MADV_RANDOM:
	case MADV_SEQUENTIAL:
	case MADV_WILLNEED:
	case MADV_DONTFORK:
	case MADV_DOFORK:
	case MADV_MERGEABLE:
	case MADV_UNMERGEABLE:
	case MADV_HUGEPAGE:
	case MADV_NOHUGEPAGE:
	case MADV_DONTDUMP:
	case MADV_DODUMP:
	case MADV_WIPEONFORK:
	case MADV_KEEPONFORK:
	case COLD:
	case PAGEOUT:
		return true;
	default:
		return false;
	}
}

/* The child's page tables, and with them what is in private memory; of shared
 * memory that is not writable, no more than what this child sees of it. */
static bool changes_own(long advice)
{
	switch (advice) {
	case MADV_DONTNEED:
	case MADV_FREE:
	case POPULATE_READ:
	case POPULATE_WRITE:
	case DONTNEED_LOCKED:
	case GUARD_INSTALL:
	case GUARD_REMOVE:
		return true;
	default:
		return false;
	}
}

long vs_brk_call(const long args[6])
{
	long to = args[0], now = vs_sys(SYS_brk, 0);

	if (to && (unsigned long)to < (unsigned long)now)
		bring_in(SYS_brk, to, now - to, ANONYMOUS);
	else if (to)
		must_fit(SYS_brk, to - now);
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
	vs_child.looked |= (int)args[4] >= 0;
	if (args[3] & MAP_FIXED)
		bring_in(SYS_mmap, args[0], args[1], PRIVATE);
	if (args[2] & PROT_WRITE)
		must_fit(SYS_mmap, args[1]);
	return make(SYS_mmap, args);
}

long vs_munmap_call(const long args[6])
{
	bring_in(SYS_munmap, args[0], args[1], PRIVATE);
	return make(SYS_munmap, args);
}

/* With PROT_GROWSDOWN or PROT_GROWSUP, the kernel's range is a larger one. */
long vs_mprotect_call(const long args[6])
{
	if (args[2] & (PROT_GROWSDOWN | PROT_GROWSUP))
		vs_child_rollback(VS_UNDONE_MEMORY_CALL, SYS_mprotect);
	bring_in(SYS_mprotect, args[0], args[1], TOUCHABLE);
	must_miss_shared(SYS_mprotect, args[0], args[1]);
	if (args[2] & PROT_WRITE) {
		/* What was shared and not writable so far. */
		if (vs_maps_shared((uintptr_t)args[0],
				   (uintptr_t)(args[0] + args[1])))
			vs_child_rollback(VS_UNDONE_MEMORY_CALL, SYS_mprotect);
		must_fit(SYS_mprotect, args[1]);
	}
	return make(SYS_mprotect, args);
}

/* What is left changes others' memory (MADV_REMOVE takes pages out of a file,
 * MADV_COLLAPSE joins them, MADV_HWPOISON and MADV_SOFT_OFFLINE take them from
 * the machine), or is newer than this list. */
long vs_madvise_call(const long args[6])
{
	if (!changes_nothing(args[2])) {
		if (!changes_own(args[2]))
			vs_child_rollback(VS_UNDONE_SYSCALL, SYS_madvise);
		bring_in(SYS_madvise, args[0], args[1], ANONYMOUS);
		must_miss_shared(SYS_madvise, args[0], args[1]);
	}
	return make(SYS_madvise, args);
}

/* What was brought in piece by piece may be several mappings here, which the
 * kernel says EFAULT to: that rolls back (policy.c). */
long vs_mremap_call(const long args[6])
{
	long len = args[1] ? args[1] : 1; /* 0: a second place for the same */

	if (args[3] & MREMAP_FIXED)
		bring_in(SYS_mremap, args[4], args[2], PRIVATE);
	bring_in(SYS_mremap, args[0], len, ANONYMOUS);
	must_miss_shared(SYS_mremap, args[0], len);
	must_fit(SYS_mremap, args[2]);
	return make(SYS_mremap, args);
}
