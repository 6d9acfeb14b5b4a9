/* SPDX-License-Identifier: MIT
 * Calls that change nothing here, but that the engines must know of. */
#include <errno.h>
#include <sched.h>
#include <stdarg.h>
#include <stdint.h>
#include <sys/mman.h>

#include "gate.h"
#include "marked.h"
#include "port.h"
#include "txn.h"

static int watch_madvise(void *addr, size_t len, int advice)
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
	/* Not between our own marking and unmarking; and known before it is
	 * made, so that nobody takes it for a stray one of ours. If it fails,
	 * a part may have been made. */
	vs_gate_enter_true_fork();
	vs_marked_add(lo, lo + len);
	r = VS_REAL(madvise)(addr, len, advice);
	vs_gate_leave_true_fork();
	return r;
}

VS_EXPORT int madvise(void *addr, size_t len, int advice)
{
	return watch_madvise(addr, len, advice);
}

/* Before the call: another thread may map and mark the place after it. */
static int watch_munmap(void *addr, size_t len)
{
	uintptr_t lo = (uintptr_t)addr;
	bool marked = !vs_speculative && vs_marked_remove(lo, lo + len);
	int r = VS_REAL(munmap)(addr, len);

	/* Too much costs time only. */
	if (vs_unlikely(marked && r))
		vs_marked_add(lo, lo + len);
	return r;
}

VS_EXPORT int munmap(void *addr, size_t len)
{
	return watch_munmap(addr, len);
}

/* Its marks go with it, and are the application's all the way. */
static void *move_marked(void *old, size_t old_len, size_t new_len, int flags,
			 void *fixed)
{
	__typeof__(&mremap) real = VS_REAL(mremap);
	uintptr_t from = (uintptr_t)old, to;
	vs_sigset mask;
	void *r;

	vs_gate_enter_true_fork();
	vs_marked_hold(&mask);
	r = real(old, old_len, new_len, flags, fixed);
	to = (uintptr_t)r;
	if (r != MAP_FAILED)
		vs_marked_moved(from, from + old_len, to, to + new_len);
	vs_marked_let_go(&mask);
	vs_gate_leave_true_fork();
	return r;
}

/*
 * The kernel moves one mapping at a time, and says EFAULT for more. A mark may
 * split one for as long as a transaction lasts, if it is made between our look
 * at the map and the marking; so that error is worth another try without one.
 */
static void *watch_mremap(void *old, size_t old_len, size_t new_len, int flags,
			  void *fixed)
{
	uintptr_t lo = (uintptr_t)old;
	void *r;

	if (!vs_speculative && vs_marked(lo, lo + old_len))
		return move_marked(old, old_len, new_len, flags, fixed);
	r = VS_REAL(mremap)(old, old_len, new_len, flags, fixed);
	if (vs_speculative)
		return r;
	if (r == MAP_FAILED && errno == EFAULT) {
		vs_gate_enter_true_fork();
		r = VS_REAL(mremap)(old, old_len, new_len, flags, fixed);
		vs_gate_leave_true_fork();
	}
	return r;
}

VS_EXPORT void *mremap(void *old, size_t old_len, size_t new_len, int flags,
		       ...)
{
	void *fixed;
	va_list more;

	va_start(more, flags);
	fixed = va_arg(more, void *);
	va_end(more);
	return watch_mremap(old, old_len, new_len, flags, fixed);
}

long vs_watch_memory_call(long nr, const long args[6])
{
	if (nr == SYS_madvise)
		return watch_madvise((void *)args[0], (size_t)args[1],
				     (int)args[2]);
	if (nr == SYS_munmap)
		return watch_munmap((void *)args[0], (size_t)args[1]);
	return (long)watch_mremap((void *)args[0], (size_t)args[1],
				  (size_t)args[2], (int)args[3],
				  (void *)args[4]);
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
