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
 * it: all the rest is marked, and there is a gap. Otherwise the kernel has
 * stopped half way, at one mapping too many for it (the mark may split one).
 * `old`: anything may be there by now; *wrong, if it is what cannot be. */
static bool mark(int i, bool old, bool *wrong)
{
	struct vs_range at = vs_lazy(i);
	long r;

	/* What is a driver's, or of huge pages since Linux 7.3, might take the
	 * mark, but not let it be taken away again: then it refuses that now.
	 * Before, memory that the driver itself keeps from being copied takes
	 * it. */
	if ((old || vs_lazy_has(i, VS_PART_FILE | VS_PART_SHARED)) &&
	    advise(at, MADV_DOFORK) == -EINVAL) {
		*wrong = true;
		return false;
	}
	r = advise(at, MADV_DONTFORK);
	*wrong |= r == -ENOMEM;
	if (!r || r == -ENOMEM)
		return true;
	advise(at, MADV_DOFORK);
	return false;
}

/* True if a new list would be another. */
static bool mark_all(bool old)
{
	bool wrong = false;

	for (int i = 0; i < vs_lazy_count(); i++) {
		if (!mark(i, old, &wrong))
			vs_lazy_drop(i--);
	}
	return wrong;
}

/* True if there is a gap. */
static bool unmark_all(void)
{
	bool gap = false;

	for (int i = 0; i < vs_lazy_count(); i++) {
		if (advise(vs_lazy(i), MADV_DOFORK))
			gap = true;
	}
	return gap;
}

/* In an old list's ranges there may be gaps by now. They would be the child's
 * hole, too, and it could not have what it asks for there: behind the heap
 * brk() would fail. And what would keep the mark for good. */
long vs_exclude(struct vs_txn *txn, const struct vs_range *stack)
{
	long r = vs_scan(txn, stack);

	if (r < 0)
		return r;
	VS_POINT(scanned);
	if (mark_all(txn->renew) && txn->renew) {
		unmark_all();
		vs_gate_unmarked(false);
		vs_recall_forget();
		r = vs_scan(txn, stack);
		if (r < 0)
			return r;
		mark_all(false);
	}
	VS_POINT(excluded);
	return 0;
}

void vs_exclude_undo(void)
{
	vs_gate_unmarked(unmark_all());
}
