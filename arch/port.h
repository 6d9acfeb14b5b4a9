/* SPDX-License-Identifier: MIT
 *
 * The port contract: everything that differs per CPU, stated once.
 *
 * A CPU is one folder, arch/NAME/, chosen by the Makefile from the compiler's
 * machine name. It holds exactly three files:
 *
 * syscall.h	raw system calls
 *	VS_ARCH_STUB		1 if stub.S provides the functions below;
 *				0: every engine degrades to the real libc
 *	VS_GLIBC_OLD_SPAWN	version of a posix_spawn older than 2.15, which
 *				is another: both are exported; only if there is
 *				one
 *	VS_SIGACTION_RESTORER	struct sigaction of the kernel has sa_restorer
 *	VS_LIBC_RESTORER	libc's sigaction() makes use of it
 *	VS_SIGACTION_FLAGS_FIRST	and begins with an int of flags
 *	VS_CLONE_FLAGS, VS_CLONE_STACK	which argument of clone is which
 *	VS_TAGGED_MEMORY	1 if loads may be checked against a tag in the
 *				address (MTE)
 *	long vs_syscall6(long nr, long a, ..., long f)
 *				the result, or -errno; inline, so that it
 *				needs no stack that a child could share
 *	bool vs_vfork_by_libc(void)
 *				a state that only libc's own vfork can share
 *	VS_CYCLES, unsigned long long vs_cycles(void)	if there is one: a
 *				counter that runs evenly, the same on all
 *				processors, for kernel/point.c
 *
 * context.h	what the forks ask of a CPU
 *	VS_ARCH_TXN		1 if its kernel offers Syscall User Dispatch,
 *				and the transactional fork was tested on it
 *	VS_ARCH_SHARE		1 if stub.S has vs_share_clone, and what is
 *				below for frames is there
 *	VS_AUDIT_ARCH		what SIGSYS names this CPU
 *	void vs_ctx_args(const ucontext_t *, long args[6])
 *	void vs_ctx_result(ucontext_t *, long)	what the syscall returns
 *	void vs_ctx_again(ucontext_t *)	run the trapped instruction again
 *	uintptr_t vs_ctx_sp(const ucontext_t *)
 *	ucontext_t *vs_ctx_sigframe(const ucontext_t *)
 *				the frame a trapped rt_sigreturn would use
 *	uintptr_t vs_thread_pointer(void)
 *	uintptr_t vs_shadow_stack(void)	the hardware shadow stack's pointer, or
 *				0 if none is on
 *	VS_DWARF_FP, VS_DWARF_SP, VS_DWARF_RA	for frames: frame pointer, stack
 *				pointer and return address in call frame
 *				information; the stack grows down
 *	const uintptr_t *vs_entry_frame(const uintptr_t *fp, uintptr_t cfa)
 *				from the frame pointer of one of our functions
 *				up to that of the one whose caller's stack
 *				pointer is cfa, or NULL
 *	VS_FRAME_FP, VS_FRAME_RA	where the caller's frame pointer and
 *				the return address are, from there
 *	uintptr_t vs_frame_above(uintptr_t at, uintptr_t below)
 *				a return address was found at `at`, with `below`
 *				under it: the end of that frame, or 0
 *	uintptr_t vs_code_address(uintptr_t)	a return address, unsigned
 *	VS_SIGNED_CODE		1 if that can be other than it
 *				unsigned.h has these three for CPUs without
 *	VS_RSEQ_SIGNATURE	glibc's
 *
 * stub.S	the assembly, with the kernel's syscall ABI as its header
 *	vs_clone3, vs_clone	a child that runs fn(arg) on a stack it is given
 *	vfork, __vfork		the public symbols
 *	vs_sa_restorer		returns from one of our signal handlers
 *	vs_sigreturn		returns through any signal frame
 *	vs_share_clone		fork() that shares memory (share.h)
 */
#ifndef VS_PORT_H
#define VS_PORT_H

#include <features.h>
#include <linux/sched.h>
#include <stdbool.h>
#include <stddef.h>
#include <sys/syscall.h>

#include "numbers.h"

#include "syscall.h"
#include "context.h"

#ifndef __GLIBC__
#	undef VS_GLIBC_OLD_SPAWN
#endif

#define VS_SYS_PICK(_0, _1, _2, _3, _4, _5, _6, N, ...) N
#define VS_SYS_0(n)					vs_syscall6(n, 0, 0, 0, 0, 0, 0)
#define VS_SYS_1(n, a)					vs_syscall6(n, (long)(a), 0, 0, 0, 0, 0)
#define VS_SYS_2(n, a, b)				vs_syscall6(n, (long)(a), (long)(b), 0, 0, 0, 0)
#define VS_SYS_3(n, a, b, c) \
	vs_syscall6(n, (long)(a), (long)(b), (long)(c), 0, 0, 0)
#define VS_SYS_4(n, a, b, c, d) \
	vs_syscall6(n, (long)(a), (long)(b), (long)(c), (long)(d), 0, 0)
#define VS_SYS_5(n, a, b, c, d, e) \
	vs_syscall6(n, (long)(a), (long)(b), (long)(c), (long)(d), (long)(e), 0)
#define VS_SYS_6(n, a, b, c, d, e, f)                                         \
	vs_syscall6(n, (long)(a), (long)(b), (long)(c), (long)(d), (long)(e), \
		    (long)(f))

/* vs_sys(SYS_name, args...): one raw system call. Returns -errno on failure,
 * never touches errno. */
#define vs_sys(...)                                                      \
	VS_SYS_PICK(__VA_ARGS__, VS_SYS_6, VS_SYS_5, VS_SYS_4, VS_SYS_3, \
		    VS_SYS_2, VS_SYS_1, VS_SYS_0, 0)                     \
	(__VA_ARGS__)

/*
 * Start a child that runs fn(arg) and never returns from it, on the stack
 * that args->stack and args->stack_size give. Returns the pid or -errno.
 * With CLONE_VFORK, when the child has exec'd or died.
 */
long vs_clone3(struct clone_args *args, size_t size, void (*fn)(void *),
	       void *arg);

/* The same by clone(2), for kernels before 5.3: the stack grows down from
 * `top`. Takes an exit signal in `flags`. */
long vs_clone(unsigned long flags, void *top, void (*fn)(void *), void *arg);

/* SA_RESTORER of our handlers; not to be called. */
void vs_sa_restorer(void);

/* Return through the signal frame that holds `context`, as rt_sigreturn. */
_Noreturn void vs_sigreturn(const void *context);

#endif
