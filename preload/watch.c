/* SPDX-License-Identifier: MIT
 * Calls that change nothing here, but that the engines must know of. */
#include <sched.h>
#include <stdint.h>
#include <sys/mman.h>

#include "marked.h"
#include "txn.h"

VS_EXPORT int madvise(void *addr, size_t len, int advice)
{
	uintptr_t lo = (uintptr_t)addr;
	int r = VS_REAL(madvise)(addr, len, advice);

	if (vs_likely(r || vs_speculative))
		return r;
	if (advice == MADV_DONTFORK || advice == MADV_WIPEONFORK)
		vs_marked_add(lo, lo + len);
	else if (advice == MADV_DOFORK || advice == MADV_KEEPONFORK)
		vs_marked_remove(lo, lo + len);
	return r;
}

/* Before the call: another thread may map and mark the place after it. */
VS_EXPORT int munmap(void *addr, size_t len)
{
	uintptr_t lo = (uintptr_t)addr;

	if (!vs_speculative)
		vs_marked_remove(lo, lo + len);
	return VS_REAL(munmap)(addr, len);
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
