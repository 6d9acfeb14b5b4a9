/* SPDX-License-Identifier: MIT
 * Calls that change nothing here, but that the engines must know of. */
#include <errno.h>
#include <sched.h>
#include <stdarg.h>
#include <stdint.h>
#include <sys/mman.h>

#include "gate.h"
#include "marked.h"
#include "txn.h"

VS_EXPORT int madvise(void *addr, size_t len, int advice)
{
	uintptr_t lo = (uintptr_t)addr;
	bool marks = advice == MADV_DONTFORK || advice == MADV_WIPEONFORK;
	int r;

	if (vs_likely(!marks || vs_speculative)) {
		r = VS_REAL(madvise)(addr, len, advice);
		if ((advice == MADV_DOFORK || advice == MADV_KEEPONFORK) && !r)
			vs_marked_remove(lo, lo + len);
		return r;
	}
	/* Not between our own marking and unmarking. */
	vs_gate_enter_true_fork();
	r = VS_REAL(madvise)(addr, len, advice);
	if (!r)
		vs_marked_add(lo, lo + len);
	vs_gate_leave_true_fork();
	return r;
}

/* Before the call: another thread may map and mark the place after it. */
VS_EXPORT int munmap(void *addr, size_t len)
{
	uintptr_t lo = (uintptr_t)addr;
	bool marked = !vs_speculative && vs_marked_remove(lo, lo + len);
	int r = VS_REAL(munmap)(addr, len);

	/* Too much costs time only. */
	if (vs_unlikely(marked && r))
		vs_marked_add(lo, lo + len);
	return r;
}

/*
 * The kernel moves one mapping at a time, and says EFAULT for more. A mark may
 * split one for as long as a transaction lasts, if it is made between our look
 * at the map and the marking; so that error is worth another try without one.
 */
VS_EXPORT void *mremap(void *old, size_t old_len, size_t new_len, int flags,
		       ...)
{
	uintptr_t lo = (uintptr_t)old;
	void *fixed, *r;
	va_list more;

	va_start(more, flags);
	fixed = va_arg(more, void *);
	va_end(more);
	r = VS_REAL(mremap)(old, old_len, new_len, flags, fixed);
	if (vs_speculative)
		return r;
	if (r == MAP_FAILED && errno == EFAULT) {
		vs_gate_enter_true_fork();
		r = VS_REAL(mremap)(old, old_len, new_len, flags, fixed);
		vs_gate_leave_true_fork();
	}
	if (r != MAP_FAILED && vs_marked(lo, lo + old_len)) {
		vs_marked_remove(lo, lo + old_len);
		vs_marked_add((uintptr_t)r, (uintptr_t)r + new_len);
	}
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
