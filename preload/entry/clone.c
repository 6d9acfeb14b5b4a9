/* SPDX-License-Identifier: MIT
 * clone(): without CLONE_VM it copies the process, which the gate must know
 * of. Its child is not told to us: the process id tells (txn/able/barred.c). */
#include <errno.h>
#include <sched.h>
#include <stdarg.h>

#include "entry/internal.h"
#include "stats/stats.h"
#include "port.h"
#include "txn/able/watched.h"

VS_EXPORT int clone(int (*fn)(void *), void *stack, int flags, void *arg, ...)
{
	bool copies = !(flags & CLONE_VM);
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
	r = VS_REAL(clone)(fn, stack, flags, arg, parent_tid, tls, child_tid);
	vs_inner_fork_ends(copies);
	if (copies)
		vs_stats_native(VS_ENTRY_clone, VS_WHY_LIBC, 0,
				r < 0 ? -errno : r);
	return r;
}

/* Its name inside glibc, which is exported. */
VS_EXPORT int __clone(int (*fn)(void *), void *stack, int flags, void *arg, ...)
	__attribute__((alias("clone"), nothrow, leaf));
