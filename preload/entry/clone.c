/* SPDX-License-Identifier: MIT
 * clone(): without CLONE_VM it copies the process, which the gate must know
 * of. Its child is not told to us: the process id tells (txn_able.c). */
#include <sched.h>
#include <stdarg.h>

#include "memory/gate.h"
#include "base/vspawn.h"

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
	if (copies) {
		vs_libc_prepare();
		vs_gate_enter_true_fork();
	}
	r = VS_REAL(clone)(fn, stack, flags, arg, parent_tid, tls, child_tid);
	if (copies)
		vs_gate_leave_true_fork();
	if (copies)
		vs_stats_call(VS_ENTRY_clone, VS_NATIVE, VS_WHY_LIBC, 0);
	return r;
}

/* Its name inside glibc, which is exported. */
VS_EXPORT int __clone(int (*fn)(void *), void *stack, int flags, void *arg, ...)
	__attribute__((alias("clone"), nothrow, leaf));
