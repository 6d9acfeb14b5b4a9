/* SPDX-License-Identifier: MIT
 *
 * fork, clone and clone3 by their numbers, as Qt and container tools make them.
 * For libc they are system calls like any other: no handlers, no locks.
 */
#include <signal.h>

#include "base/errno.h"
#include "entry/internal.h"
#include "kernel/sigmask.h"
#include "kernel/sys.h"
#include "libc/threads.h"
#include "port.h"
#include "stats/stats.h"
#include "txn/able/watched.h"

/* What a call asks for, if it is one of these. Arguments that cannot be read
 * are left to the kernel to refuse, which says EFAULT. */
static bool clone_flags(long nr, const long args[6], uint64_t *flags,
			uint64_t *stack)
{
	const struct clone_args *in_memory = (void *)args[0];

	*flags = *stack = 0;
#ifdef SYS_fork
	if (nr == SYS_fork)
		return true;
#endif
	if (nr == SYS_clone) {
		*flags = (unsigned long)args[VS_CLONE_FLAGS];
		*stack = (unsigned long)args[VS_CLONE_STACK];
		return true;
	}
	if (nr != SYS_clone3 || (size_t)args[1] < CLONE_ARGS_SIZE_VER0 ||
	    !in_memory || !vs_readable((uintptr_t)&in_memory->flags) ||
	    !vs_readable((uintptr_t)&in_memory->stack))
		return false;
	*flags = in_memory->flags;
	*stack = in_memory->stack;
	return true;
}

/* Any other fork. Its child has a copy of this memory, and returns here. A
 * child that is given thread-local data of its own must not touch ours, which
 * is not there: it leaves at once, and later its process id tells that it is a
 * child of which nothing is known (txn/able/barred.c). */
__attribute__((noinline)) static long
native_fork(long nr, const long args[6], bool own_tls, uintptr_t caller_sp)
{
	long pid;

	vs_prepare();
	vs_native_fork_begins(caller_sp);
	if (own_tls)
		vs_txn_watch_syscall(SYS_clone, SIGCHLD, 0);
	pid = vs_syscall6(nr, args[0], args[1], args[2], args[3], args[4],
			  args[5]);
	if (pid == 0 && own_tls)
		return 0;
	vs_native_fork_ends(pid);
	if (pid > 0)
		vs_stats_native(VS_ENTRY_syscall, VS_WHY_LIBC, 0, pid);
	return vs_return(pid);
}

/* Whether the call is a fork and nothing else. The kernel writes the new
 * descriptor, or the id, to the parent's memory after it has made the child's:
 * where the child has no copy of its own it would read that. What is near the
 * caller's frame it has.
 */
static bool is_plain_fork(uint64_t flags, const long args[6],
			  uintptr_t caller_sp)
{
	enum { NEAR = 1 << 13 }; /* half of what scan.c leaves there */
	uint64_t more = flags & ~(uint64_t)CSIGNAL;

	if (!flags)
		return true;
	if ((flags & CSIGNAL) != SIGCHLD ||
	    more & ~(uint64_t)(CLONE_PIDFD | CLONE_PARENT_SETTID))
		return false;
	return !more || ((uintptr_t)args[2] - caller_sp < NEAR &&
			 vs_readable((uintptr_t)args[2]));
}

/* Number and arguments of the call under way, on its caller's stack; a handler
 * of a signal may make another in the middle of it. */
static VS_THREAD const long *under_way;

/* libc's instruction, which traps: ours does not. */
static pid_t fork_by_number(void)
{
	const long *call = under_way, *a = call + 1;

	return (pid_t)((vs_syscall_function)vs_real_lookup(VS_ENTRY_syscall))(
		*call, a[0], a[1], a[2], a[3], a[4], a[5]);
}

/* As a transaction, or natively, like fork(); but libc, to which it is a system
 * call like any other, takes no locks and runs no handlers. */
__attribute__((noinline)) static long
plain_fork(long nr, const long args[6], uintptr_t caller, uintptr_t caller_sp)
{
	const long call[7] = {nr,      args[0], args[1], args[2],
			      args[3], args[4], args[5]};
	const long *outer = under_way;
	long pid;

	under_way = call;
	pid = vs_fork_by(VS_ENTRY_syscall, caller, caller_sp, fork_by_number);
	under_way = outer;
	return pid;
}

long vs_fork_by_number(long nr, const long args[6], uintptr_t caller,
		       uintptr_t caller_sp)
{
	uint64_t flags, stack;

	clone_flags(nr, args, &flags, &stack);
	if (nr != SYS_clone3 && is_plain_fork(flags, args, caller_sp))
		return plain_fork(nr, args, caller, caller_sp);
	return native_fork(nr, args, flags & CLONE_SETTLS, caller_sp);
}

bool vs_copies_by_number(long nr, const long args[6])
{
	uint64_t flags, stack;

	if (!clone_flags(nr, args, &flags, &stack))
		return false;
	vs_cloned(flags);
	return !(flags & CLONE_VM) && !stack;
}
