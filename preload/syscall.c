/* SPDX-License-Identifier: MIT
 *
 * syscall() and prctl(): what they may hide from the other wrappers. Both are
 * variadic in libc's headers only; here they have all the arguments there are,
 * so that the call of the real one is a jump: a child made by syscall() may
 * come back on another stack.
 */
#include <signal.h>
#include <stddef.h>

#include "gate.h"
#include "port.h"
#include "txn.h"

VS_EXPORT long vs_entry_syscall(long nr, long a, long b, long c, long d, long e,
				long f) __asm__("syscall");
VS_EXPORT int vs_entry_prctl(int option, long a, long b, long c,
			     long d) __asm__("prctl");

typedef long (*syscall_function)(long, long, long, long, long, long, long);
typedef int (*prctl_function)(int, long, long, long, long);

static bool copies_process(long nr, const long args[6])
{
#ifdef SYS_fork
	if (nr == SYS_fork)
		return true;
#endif
#if VS_ARCH_TXN
	return nr == SYS_clone && !(args[VS_CLONE_FLAGS] & CLONE_VM) &&
	       !args[VS_CLONE_STACK];
#else
	(void)args;
	return false;
#endif
}

__attribute__((noinline)) static long true_fork(long nr, const long args[6])
{
	long pid;

	vs_libc_prepare();
	vs_gate_enter_true_fork();
	pid = vs_syscall6(nr, args[0], args[1], args[2], args[3], args[4],
			  args[5]);
	if (pid == 0)
		vs_after_true_fork();
	else
		vs_gate_leave_true_fork();
	return vs_return(pid);
}

__attribute__((noinline)) static long supervised(long nr, long a, long b,
						 long c, long d, long e, long f)
{
	long args[6] = {a, b, c, d, e, f};

	if (vs_speculative)
		return vs_return(vs_txn_syscall(nr, args));
	vs_true_child(VS_ENTRY_syscall);
	return true_fork(nr, args);
}

long vs_entry_syscall(long nr, long a, long b, long c, long d, long e, long f)
{
	const long first[6] = {a, b, c, d, e, f};

	if (vs_unlikely(vs_speculative) || copies_process(nr, first))
		return supervised(nr, a, b, c, d, e, f);
	if (nr == SYS_prctl)
		vs_txn_able_watch_prctl(a, b);
	return ((syscall_function)vs_real_lookup(VS_ENTRY_syscall))(nr, a, b, c,
								    d, e, f);
}

int vs_entry_prctl(int option, long a, long b, long c, long d)
{
	vs_txn_able_watch_prctl(option, a);
	return ((prctl_function)vs_real_lookup(VS_ENTRY_prctl))(option, a, b, c,
								d);
}
