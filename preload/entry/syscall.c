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
#include "kernel/sys.h"
#include "entry/internal.h"
#include "port.h"
#include "stats/stats.h"
#include "txn/child/child.h"
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

/* Arguments that cannot be looked at are left to the kernel to refuse. */
static bool clone3_copies(const struct clone_args *args, size_t size)
{
	return (uintptr_t)args >= 4096 && (intptr_t)args > 0 &&
	       size >= CLONE_ARGS_SIZE_VER0 && !(args->flags & CLONE_VM) &&
	       !args->stack;
}

static bool copies_process(long nr, const long args[6])
{
	if (nr == SYS_clone3)
		return clone3_copies((void *)args[0], (size_t)args[1]);
	return vs_is_fork(nr, args);
}

__attribute__((noinline)) static long native_fork(long nr, const long args[6])
{
	long pid;

	vs_prepare();
	vs_native_fork_begins();
	pid = vs_syscall6(nr, args[0], args[1], args[2], args[3], args[4],
			  args[5]);
	vs_native_fork_ends(pid);
	if (pid > 0)
		vs_stats_native(VS_ENTRY_syscall, VS_WHY_LIBC, 0);
	return vs_return(pid);
}

__attribute__((noinline)) static long supervised(long nr, long a, long b,
						 long c, long d, long e, long f)
{
	long args[6] = {a, b, c, d, e, f};

	if (vs_speculative)
		return vs_return(vs_child_syscall(nr, args));
	vs_true_child(VS_ENTRY_syscall);
	return native_fork(nr, args);
}

/* Of one that shares memory the parent must be a true process. */
static bool makes_process(long nr)
{
#ifdef SYS_vfork
	if (nr == SYS_vfork)
		return true;
#endif
	return nr == SYS_clone || nr == SYS_clone3;
}

/* After CLONE_NEWPID the next child is the init of a namespace. */
__attribute__((noinline)) static long change_namespace(long nr,
						       const long args[6])
{
	long r = vs_sys(nr, args[0], args[1]);

	vs_txn_ask_again();
	return vs_return(r);
}

long vs_entry_syscall(long nr, long a, long b, long c, long d, long e, long f)
{
	const long first[6] = {a, b, c, d, e, f};

	if (vs_unlikely(nr == SYS_execve))
		return vs_execve(VS_CALLER_SP, (void *)a, (void *)b, (void *)c);
	if (vs_unlikely(nr == SYS_execveat))
		return vs_execveat(VS_CALLER_SP, (int)a, (void *)b, (void *)c,
				   (void *)d, (int)e);
	if (vs_unlikely(vs_sharing != NULL) && makes_process(nr))
		vs_leave(VS_ENTRY_syscall);
	if (vs_unlikely(vs_speculative) || copies_process(nr, first))
		return supervised(nr, a, b, c, d, e, f);
	if (vs_unlikely(nr == SYS_madvise || nr == SYS_mremap ||
			nr == SYS_munmap))
		return vs_watch_memory_call(nr, first);
	if (nr == SYS_unshare || nr == SYS_setns)
		return change_namespace(nr, first);
	if (nr == SYS_prctl)
		vs_txn_watch_prctl(a, b);
	else if (nr == SYS_seccomp)
		vs_txn_watch_seccomp();
	TAIL return ((syscall_function)vs_real_lookup(VS_ENTRY_syscall))(
		nr, a, b, c, d, e, f);
}

int vs_entry_prctl(int option, long a, long b, long c, long d)
{
	vs_txn_watch_prctl(option, a);
	return VS_REAL(prctl)(option, a, b, c, d);
}
