/* SPDX-License-Identifier: MIT
 *
 * What the child of a transaction does not copy is marked for that time.
 * MADV_DONTFORK makes the kernel skip a mapping, its page tables and its commit
 * charge, so that neither time nor strict overcommit is paid for it (dup_mmap()
 * in mm/mmap.c). Raw system calls only.
 */
#include <errno.h>
#include <sys/mman.h>

#include "kernel/point.h"
#include "kernel/sys.h"
#include "memory/gate.h"
#include "txn/scan/scan.h"
#include "txn/map/parts.h"

static long advise(struct vs_range at, int advice)
{
	return vs_sys(SYS_madvise, at.lo, at.hi - at.lo, advice);
}

/* False if it is to be copied. ENOMEM only says that something was unmapped in
 * it: all the rest is marked. Otherwise the kernel has stopped half way, at one
 * mapping too many for it (the mark may split one). */
static bool mark(int i)
{
	struct vs_range at = vs_lazy(i);
	long r;

	/* What is a driver's, or of huge pages since Linux 7.3, might take the
	 * mark, but not let it be taken away again: then it refuses that now.
	 * Before, memory that the driver itself keeps from being copied takes
	 * it. */
	if (vs_lazy_has(i, VS_PART_FILE | VS_PART_SHARED) &&
	    advise(at, MADV_DOFORK) == -EINVAL)
		return false;
	r = advise(at, MADV_DONTFORK);
	if (!r || r == -ENOMEM)
		return true;
	advise(at, MADV_DOFORK);
	return false;
}

long vs_exclude(struct vs_txn *txn, const struct vs_range *stack)
{
	long r = vs_scan(txn, stack);

	if (r < 0)
		return r;
	VS_POINT(scanned);
	for (int i = 0; i < vs_lazy_count(); i++) {
		if (!mark(i))
			vs_lazy_drop(i--);
	}
	VS_POINT(excluded);
	return 0;
}

void vs_exclude_undo(void)
{
	bool lost = false;

	for (int i = 0; i < vs_lazy_count(); i++) {
		if (advise(vs_lazy(i), MADV_DOFORK))
			lost = true;
	}
	vs_gate_unmarked(lost);
}
