/* SPDX-License-Identifier: MIT
 *
 * s390x: the system call stubs. See ../port.h.
 *
 *	number		r1 (svc 0)	result		r2, -errno on failure
 *	arguments	r2 r3 r4 r5 r6 r7
 *	lost		nothing
 *	kept		every other register, in parent and child alike: the
 *			return address in r14, too
 *
 * clone takes stack, flags, parent_tid, child_tid, tls: the first two are the
 * other way round than elsewhere. The public functions are in the C ABI:
 * r2-r6; kept by the callee: r6-r13, r15; the caller leaves 160 bytes at
 * 0(r15) to save registers in, r14 at 112.
 */
#define LANDING_PAD
#include "../asm.S"

/* long vs_clone3(struct clone_args *args, size_t size, fn, arg) */
LOCAL_FUNCTION vs_clone3
	lghi	%r1, __NR_clone3	/* r4: fn, r5: arg, kept */
	svc	0
	ltgr	%r2, %r2
	jz	.Lchild
	br	%r14
END vs_clone3

/* long vs_clone(unsigned long flags, void *top, fn, arg) */
LOCAL_FUNCTION vs_clone
	stg	%r6, 48(%r15)
	.cfi_rel_offset %r6, 48
	lgr	%r0, %r4		/* fn, where clone does not look */
	lgr	%r1, %r2
	lgr	%r2, %r3		/* stack */
	lgr	%r3, %r1		/* flags */
	nill	%r2, 0xfff0		/* 16-byte aligned */
	stg	%r5, -8(%r2)		/* arg */
	aghi	%r2, -16
	lghi	%r4, 0			/* parent_tid */
	lghi	%r5, 0			/* child_tid */
	lghi	%r6, 0			/* tls */
	lghi	%r1, __NR_clone
	svc	0
	lg	%r6, 48(%r15)		/* of the child: anything */
	ltgr	%r2, %r2
	jz	1f
	br	%r14
1:	lgr	%r4, %r0
	lg	%r5, 8(%r15)
.Lchild:
	.cfi_undefined %r14		/* the outermost frame */
	aghi	%r15, -160
	xc	0(8, %r15), 0(%r15)	/* no frame before fn's caller's */
	lgr	%r2, %r5
	basr	%r14, %r4		/* r15 is 8-byte aligned here */
	j	.+2			/* fn does not return */
END vs_clone

/*
 * pid_t vfork(void)
 *
 * The child returns first, into the caller, and runs over the stack below the
 * caller's frame. So nothing is left there when it starts: the return address
 * is in r14.
 */
FUNCTION vfork
	stg	%r14, 112(%r15)
	.cfi_rel_offset %r14, 112
	aghi	%r15, -160
	.cfi_adjust_cfa_offset 160
	brasl	%r14, vs_vfork_enter	/* libc's own vfork, or 0: go on */
	aghi	%r15, 160
	.cfi_adjust_cfa_offset -160
	lg	%r14, 112(%r15)
	.cfi_restore %r14
	ltgr	%r2, %r2
	jnz	1f
	lghi	%r1, __NR_vfork
	svc	0
	ltgr	%r2, %r2
	jl	2f
	br	%r14
1:	br	%r2
2:	jg	vs_return		/* sets errno, returns -1 */
END vfork
	.globl	__vfork
	.set	__vfork, vfork

/* SA_RESTORER of our signal handlers. Unwinders know it by its bytes. */
	.p2align 4
	nopr	%r7
LOCAL_FUNCTION vs_sa_restorer
	.cfi_signal_frame
	svc	__NR_rt_sigreturn
END vs_sa_restorer

/* void vs_sigreturn(const void *context): a register save area of 160 bytes,
 * 8 of code and a siginfo_t of 128 bytes are before it in the frame */
LOCAL_FUNCTION vs_sigreturn
	.cfi_undefined %r14
	lay	%r15, -296(%r2)
	svc	__NR_rt_sigreturn
	j	.+2
END vs_sigreturn
