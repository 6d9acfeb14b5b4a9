/* SPDX-License-Identifier: MIT
 *
 * ppc64 (ELFv2 little-endian, ELFv1 big-endian): the system call stubs. See
 * ../port.h.
 *
 *	number		r0		result		r3
 *	arguments	r3 r4 r5 r6 r7 r8
 *	failure		CR0.SO is set, and r3 is errno
 *	lost		r0 r4-r12 cr0 ctr xer
 *	kept		r1 r2 r13-r31, and the return address in lr, in parent
 *			and child alike
 *
 * sc and not scv (Linux 5.9, POWER9), which takes lr. clone takes flags, stack,
 * parent_tid, child_tid, tls. The public functions are in the C ABI: r3-r10;
 * kept by the callee: r14-r31; the caller's frame has room for lr at 16(r1);
 * r2 leads to the addresses of this object. 288 bytes below r1 are ours.
 */
#define LANDING_PAD
#include "../asm.S"

	/* ELFv2: r12 is the address of the function. ELFv1: the symbol is a
	 * descriptor's, of the code's address and r2. */
	.macro	CODE name
#if _CALL_ELF == 2
	FUNCTION \name
0:	addis	2, 12, .TOC. - 0b@ha
	addi	2, 2, .TOC. - 0b@l
	.localentry \name, . - \name
#else
	.section .opd, "aw"
	.p2align 3
	.globl	\name
	.type	\name, %function
\name:	.quad	.L.\name, .TOC.@tocbase, 0
	.text
	.p2align 4
.L.\name:
	.cfi_startproc
#endif
	.endm

	.macro	LOCAL_CODE name
	.hidden	\name
	CODE	\name
	.endm

	.macro	END_CODE name
	.cfi_endproc
#if _CALL_ELF == 2
	.size	\name, . - \name
#else
	.size	\name, . - .L.\name
#endif
	.endm

#if _CALL_ELF != 2
	.abiversion 1
#else
	.abiversion 2
#endif

	/* To the function in \reg, which is r12 to it. */
	.macro	TO_FUNCTION reg
#if _CALL_ELF == 2
	mr	12, \reg
#else
	ld	12, 0(\reg)
	ld	2, 8(\reg)
#endif
	mtctr	12
	.endm

/* long vs_clone3(struct clone_args *args, size_t size, fn, arg) */
LOCAL_CODE vs_clone3
	std	30, -16(1)
	.cfi_offset 30, -16
	std	31, -8(1)
	.cfi_offset 31, -8
	mr	30, 5			/* fn, kept across the call */
	mr	31, 6			/* arg, kept across the call */
	li	0, __NR_clone3
	b	.Lclone
END_CODE vs_clone3

/* long vs_clone(unsigned long flags, void *top, fn, arg) */
LOCAL_CODE vs_clone
	std	30, -16(1)
	.cfi_offset 30, -16
	std	31, -8(1)
	.cfi_offset 31, -8
	mr	30, 5			/* fn, kept across the call */
	mr	31, 6			/* arg, kept across the call */
	clrrdi	4, 4, 4			/* 16-byte aligned */
	li	5, 0			/* parent_tid */
	li	6, 0			/* child_tid */
	li	7, 0			/* tls */
	li	0, __NR_clone
.Lclone:
	sc
	bns+	1f
	neg	3, 3
	b	2f
1:	cmpdi	3, 0
	beq	3f
2:	ld	30, -16(1)
	ld	31, -8(1)
	blr
3:	.cfi_undefined lr		/* the child: the outermost frame */
	li	0, 0
	mtlr	0
	stdu	0, -112(1)		/* fn's caller has a frame, of 0s */
	std	0, 16(1)
	mr	3, 31
	TO_FUNCTION 30
	bctrl
	trap				/* fn does not return */
END_CODE vs_clone

/*
 * pid_t vfork(void)
 *
 * The child returns first, into the caller, and runs over the stack below the
 * caller's frame. So nothing is left there when it starts: the return address
 * is in lr.
 */
CODE vfork
	mflr	0
	std	0, 16(1)
	.cfi_offset lr, 16
	stdu	1, -112(1)
	.cfi_adjust_cfa_offset 112
	bl	vs_vfork_enter		/* libc's own vfork, or 0: go on */
	nop
	addi	1, 1, 112
	.cfi_adjust_cfa_offset -112
	ld	0, 16(1)
	mtlr	0
	.cfi_restore lr
	cmpdi	3, 0
	bne	1f
	li	0, __NR_vfork
	sc
	bso-	2f
	blr
1:	TO_FUNCTION 3
	bctr
2:	neg	3, 3
	b	vs_return		/* sets errno, returns -1 */
	nop
END_CODE vfork
	.globl	__vfork
	.set	__vfork, vfork

/* The kernel goes by its own vDSO; this is the same. */
LOCAL_CODE vs_sa_restorer
	.cfi_signal_frame
	addi	1, 1, 128
	li	0, __NR_rt_sigreturn
	sc
END_CODE vs_sa_restorer

/* void vs_sigreturn(const void *context): rt_sigreturn has it at r1 */
LOCAL_CODE vs_sigreturn
	.cfi_undefined lr
	mr	1, 3
	li	0, __NR_rt_sigreturn
	sc
	trap
END_CODE vs_sigreturn
