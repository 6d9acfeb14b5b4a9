/* SPDX-License-Identifier: MIT
 *
 * clone(): without CLONE_VM it copies the process, which the gate must know of,
 * and its child must not wait for who is not there. One that shares memory, or
 * has thread-local data of its own, is not told to us: the process id tells
 * (txn/able/barred.c).
 */
#include <errno.h>
#include <sched.h>
#include <stdarg.h>

#include "entry/internal.h"
#include "stats/stats.h"
#include "port.h"
#include "txn/able/able.h"
#include "txn/able/watched.h"
#include "txn/txn.h"

struct start {
	int (*fn)(void *);
	void *arg;
};

/* In the child, on its stack, which may be small. `from` is in the frame of
 * clone(), of which it has a copy; that may be what its stack grows into. */
static int start(void *from)
{
	const struct start own = *(const struct start *)from;

	vs_in_native_child();
	vs_txn_in_new_process(true);
	return own.fn(own.arg);
}

VS_EXPORT int clone(int (*fn)(void *), void *stack, int flags, void *arg, ...)
{
	struct start own = {fn, arg};
	bool copies = !(flags & CLONE_VM), told;
	void *parent_tid, *tls, *child_tid;
	va_list more;
	int r;

	va_start(more, arg);
	parent_tid = va_arg(more, void *);
	tls = va_arg(more, void *);
	child_tid = va_arg(more, void *);
	va_end(more);
	vs_true_child(VS_ENTRY_clone);
	if (copies)
		vs_prepare();
	vs_inner_fork_begins(copies, VS_CALLER_SP);
	vs_txn_watch_syscall(SYS_clone, flags, 0);
	told = copies && !(flags & CLONE_SETTLS) && fn && !vs_txn_under_way();
	r = VS_REAL(clone)(told ? start : fn, stack, flags, told ? &own : arg,
			   parent_tid, tls, child_tid);
	vs_inner_fork_ends(copies);
	if (copies)
		vs_stats_native(VS_ENTRY_clone, VS_WHY_LIBC, 0,
				r < 0 ? -errno : r);
	return r;
}

/* Its name inside glibc, which is exported. */
VS_EXPORT int __clone(int (*fn)(void *), void *stack, int flags, void *arg, ...)
	__attribute__((alias("clone"), nothrow, leaf));
