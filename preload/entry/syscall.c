/* SPDX-License-Identifier: MIT
 *
 * syscall() and prctl(): what they may hide from the other wrappers. Both are
 * variadic; here they have all the arguments there are, so that the call of
 * the real syscall() is a jump: a child made by it may come back on another
 * stack. glibc's is assembly. Its prctl() is not, and on some CPUs a variadic
 * function is given room in its caller's frame: it is called as what it is.
 */
#include <stddef.h>
#include <sys/prctl.h>

#include "base/errno.h"
#include "base/compiler.h"
#include "base/config.h"
#include "entry/internal.h"
#include "memory/gate.h"
#include "port.h"
#include "txn/calls/calls.h"
#include "txn/able/watched.h"
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

/* ---- those that the engines must know of ---- */

static bool loads_filter(long nr, long arg1)
{
	enum { SET_MODE_FILTER = 1 }; /* linux/seccomp.h; 0 is strict */

	return (nr == SYS_prctl && arg1 == PR_SET_SECCOMP) ||
	       (nr == SYS_seccomp && (unsigned long)arg1 <= SET_MODE_FILTER);
}

/* A filter may kill for what takes strayed marks away before a native fork. So
 * they are taken away before it is loaded, while no transaction can make new
 * ones; afterwards there are no more transactions. True if that is to be ended
 * by vs_gate_leave_native(). */
static bool begin_loading(long nr, long arg1)
{
	if (vs_likely(!loads_filter(nr, arg1)) || vs_config.off ||
	    vs_speculative || vs_txn_under_way() || vs_txn_own_filter())
		return false;
	vs_gate_enter_native();
	return true;
}

/* Calls after which our name in LD_PRELOAD may lead nowhere. */
static bool moves(long nr)
{
	return nr == SYS_chroot || nr == SYS_pivot_root ||
	       nr == SYS_landlock_restrict_self;
}

__attribute__((noinline)) static long watched(long nr, const long args[6])
{
	vs_syscall_function real =
		(vs_syscall_function)vs_real_lookup(VS_ENTRY_syscall);
	bool loads = begin_loading(nr, args[0]);
	long r = real(nr, args[0], args[1], args[2], args[3], args[4], args[5]);

	if (nr == SYS_prctl)
		vs_txn_watch_prctl(args[0], args[1], r);
	else if (nr == SYS_unshare || nr == SYS_setns)
		vs_namespace_changed();
	else if (moves(nr))
		vs_env_moved = true;
	else
		vs_txn_watch_syscall(nr, args[0], r);
	if (loads)
		vs_gate_leave_native();
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

/* Where our own handler of SIGSYS may be installed. (A CPU without a stub makes
 * its raw system calls by syscall().) */
static bool sets_action(long nr)
{
	return VS_ARCH_TXN && nr == SYS_rt_sigaction && !vs_is_sharing();
}

/* A call that is not just passed on. `caller_sp` is the program's. */
__attribute__((noinline)) static long taken(long nr, long a, long b, long c,
					    long d, long e, long f,
					    uintptr_t caller,
					    uintptr_t caller_sp)
{
	long args[6] = {a, b, c, d, e, f};

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
	if (sets_action(nr))
		return vs_sigaction_by_number(args);
	if (is_watched(nr))
		return watched(nr, args);
	return vs_fork_by_number(nr, args, caller, caller_sp);
}

/* Calls that a child sharing memory must not make before it is a true child. */
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

/* Whether a child of this call has a copy of memory, and returns here. */
__attribute__((noinline)) static bool copies(long nr, long a, long b, long c,
					     long d, long e)
{
	const long args[6] = {a, b, c, d, e};

	if (vs_is_sharing())
		vs_leave(VS_ENTRY_syscall);
	return vs_copies_by_number(nr, args);
}

static bool is_taken(long nr, long d)
{
	return nr == SYS_execve || nr == SYS_execveat || nr == SYS_madvise ||
	       nr == SYS_mremap || nr == SYS_munmap || sets_action(nr) ||
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
	TAIL return ((vs_syscall_function)vs_real_lookup(VS_ENTRY_syscall))(
		nr, a, b, c, d, e, f);
}

int vs_entry_prctl(int option, long a, long b, long c, long d)
{
	bool loads = begin_loading(SYS_prctl, option);
	int r = VS_REAL(prctl)(option, a, b, c, d);

	vs_txn_watch_prctl(option, a, r);
	if (loads)
		vs_gate_leave_native();
	return r;
}
