/* SPDX-License-Identifier: MIT
 * Calls that change nothing here, but that the engines must know of. */
#include <sched.h>
#include <stdint.h>
#include <sys/mman.h>

#include "gate.h"
#include "txn.h"

/* The application's own marks must be left out of ours: DONTFORK because ours
 * are undone, WIPEONFORK because a child would page in the parent's bytes. */
VS_EXPORT int madvise(void *addr, size_t len, int advice)
{
	int r = VS_REAL(madvise)(addr, len, advice);

	if (vs_unlikely(advice == MADV_DONTFORK || advice == MADV_WIPEONFORK) &&
	    !r && !vs_speculative)
		vs_marks_watch((uintptr_t)addr, (uintptr_t)addr + len, advice);
	return r;
}

/* After CLONE_NEWPID the next child is the init of a namespace. */
VS_EXPORT int unshare(int flags)
{
	int r = VS_REAL(unshare)(flags);

	if (!r)
		vs_txn_able_reset();
	return r;
}

VS_EXPORT int setns(int fd, int type)
{
	int r = VS_REAL(setns)(fd, type);

	if (!r)
		vs_txn_able_reset();
	return r;
}
