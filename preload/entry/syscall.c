/* SPDX-License-Identifier: MIT
 *
 * syscall() and prctl(): what they may hide from the other wrappers. Both are
 * variadic; here they have all the arguments there are, so that the call of
 * the real syscall() is a jump: a child made by it may come back on another
 * stack. glibc's is assembly. Its prctl() is not, and on some CPUs a variadic
 * function is given room in its caller's frame: it is called as what it is.
 */
#include <signal.h>
#include <stddef.h>
#include <sys/prctl.h>

#include "base/errno.h"
#include "kernel/sigset.h"
#include "kernel/sys.h"
#include "entry/internal.h"
#include "port.h"
#include "stats/stats.h"
#include "txn/calls/calls.h"
#include "txn/txn.h"

VS_EXPORT long vs_entry_syscall(long nr, long a, long b, long c, long d, long e,
				long f) __asm__("syscall");
VS_EXPORT int vs_entry_prctl(int option, long a, long b, long c,
			     long d) __asm__("prctl");

/* gcc makes it a jump by itself; clang, and gcc since 15, want to be told. */
#if __has_attribute(musttail)
#	define TAIL __attribute__((musttail))
#else
#	define TAIL
#endif

typedef long (*syscall_function)(long, long, long, long, long, long, long);

/* ---- those that make a process ---- */

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

/* Its child has a copy of this memory, and returns here. One with thread-local
 * data of its own must not come upon any of ours: it is told apart, as one of
 * which we know nothing, by its process id (txn/eligible.c). */
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

/* A fork, and nothing else. The kernel writes the new descriptor, or the id, to
 * the parent's memory after it has made the child's: where the child has no
 * copy of its own it would read that. What is near the caller's frame it has.
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

/* Number and arguments of the one under way, on the stack of its caller. */
static VS_THREAD const long *under_way;

/* libc's instruction, which traps: ours does not. */
static pid_t fork_by_number(void)
{
	const long *call = under_way, *a = call + 1;

	return (pid_t)((syscall_function)vs_real_lookup(VS_ENTRY_syscall))(
		*call, a[0], a[1], a[2], a[3], a[4], a[5]);
}

/* libc takes no locks for it and runs no handlers, neither here nor in the
 * child. */
__attribute__((noinline)) static long
plain_fork(long nr, const long args[6], uintptr_t caller, uintptr_t caller_sp)
{
	const long call[7] = {nr,      args[0], args[1], args[2],
			      args[3], args[4], args[5]};

	under_way = call;
	return vs_fork_by(VS_ENTRY_syscall, caller, caller_sp, fork_by_number);
}

/* Of one that shares memory the parent must be a true process. */
static bool makes_process(long nr)
{
#ifdef SYS_fork
	if (nr == SYS_fork)
		return true;
#endif
#ifdef SYS_vfork /* which MIPS lacks */
	if (nr == SYS_vfork)
		return true;
#endif
	return nr == SYS_clone || nr == SYS_clone3;
}

/* ---- those that the engines must know of ---- */

/* Our name may mean nothing any more. */
static bool moves(long nr)
{
	return nr == SYS_chroot || nr == SYS_pivot_root ||
	       nr == SYS_landlock_restrict_self;
}

__attribute__((noinline)) static long watched(long nr, const long args[6])
{
	syscall_function real =
		(syscall_function)vs_real_lookup(VS_ENTRY_syscall);
	long r = real(nr, args[0], args[1], args[2], args[3], args[4], args[5]);

	if (nr == SYS_prctl)
		vs_txn_watch_prctl(args[0], args[1], r);
	else if (nr == SYS_unshare || nr == SYS_setns)
		vs_namespace_changed();
	else if (moves(nr))
		vs_env_moved = true;
	else
		vs_txn_watch_syscall(nr, args[0], r);
	return r;
}

static bool is_watched(long nr)
{
	switch (nr) {
	case SYS_prctl:
	case SYS_seccomp:
	case SYS_userfaultfd:
	case SYS_fanotify_init:
	case SYS_unshare:
	case SYS_setns:
	case SYS_chroot:
	case SYS_pivot_root:
	case SYS_landlock_restrict_self:
		return true;
	default:
		return false;
	}
}

/* What is not just passed on. `caller_sp` is of the program. */
__attribute__((noinline)) static long taken(long nr, long a, long b, long c,
					    long d, long e, long f,
					    uintptr_t caller,
					    uintptr_t caller_sp)
{
	long args[6] = {a, b, c, d, e, f};
	uint64_t flags, stack;

	if (nr == SYS_execve)
		return vs_execve(caller_sp, (void *)a, (void *)b, (void *)c);
	if (nr == SYS_execveat)
		return vs_execveat(caller_sp, (int)a, (void *)b, (void *)c,
				   (void *)d, (int)e);
	if (vs_speculative) {
		if (moves(nr))
			vs_env_moved = true;
		return vs_return(vs_child_syscall(nr, args));
	}
	if (nr == SYS_madvise || nr == SYS_mremap || nr == SYS_munmap ||
	    nr == VS_SYS_MMAP)
		return vs_watch_memory_call(nr, args);
	if (is_watched(nr))
		return watched(nr, args);
	clone_flags(nr, args, &flags, &stack);
	if (nr != SYS_clone3 && is_plain_fork(flags, args, caller_sp))
		return plain_fork(nr, args, caller, caller_sp);
	return native_fork(nr, args, flags & CLONE_SETTLS, caller_sp);
}

/* Whether a child of this call has a copy of memory, and returns here. */
__attribute__((noinline)) static bool copies(long nr, long a, long b, long c,
					     long d, long e)
{
	const long args[6] = {a, b, c, d, e};
	uint64_t flags, stack;

	if (vs_is_sharing())
		vs_leave(VS_ENTRY_syscall);
	return clone_flags(nr, args, &flags, &stack) && !(flags & CLONE_VM) &&
	       !stack;
}

static bool is_taken(long nr, long d)
{
	return nr == SYS_execve || nr == SYS_execveat || nr == SYS_madvise ||
	       nr == SYS_mremap || nr == SYS_munmap ||
	       (nr == VS_SYS_MMAP && vs_is_droppable((int)d)) || is_watched(nr);
}

/* The thread pointer may be the program's own, and no thread-local data there:
 * calls that are nobody's business look at none. No local variable of this
 * function has an address, or the last line would be no jump. */
long vs_entry_syscall(long nr, long a, long b, long c, long d, long e, long f)
{
	long r;

	if (vs_likely(!vs_config.off) &&
	    (vs_unlikely(vs_speculative || is_taken(nr, d)) ||
	     (makes_process(nr) && copies(nr, a, b, c, d, e)))) {
		r = taken(nr, a, b, c, d, e, f,
			  (uintptr_t)__builtin_return_address(0), VS_CALLER_SP);
		/* This must be no jump: where arguments are on the stack its
		 * own would be put in the place of ours, of which the caller
		 * may have passed less than seven. */
		__asm__ volatile("" : "+r"(r));
		return r;
	}
	TAIL return ((syscall_function)vs_real_lookup(VS_ENTRY_syscall))(
		nr, a, b, c, d, e, f);
}

int vs_entry_prctl(int option, long a, long b, long c, long d)
{
	int r = VS_REAL(prctl)(option, a, b, c, d);

	vs_txn_watch_prctl(option, a, r);
	return r;
}
