/* SPDX-License-Identifier: MIT
 *
 * arm (EABI): the system call stubs. See ../port.h.
 *
 *	number		r7		result		r0, -errno on failure
 *	arguments	r0 r1 r2 r3 r4 r5
 *	lost		nothing
 *	kept		every other register, in parent and child alike: the
 *			return address in lr, too
 *
 * clone takes flags, stack, parent_tid, tls, child_tid. The public functions
 * are in the C ABI: r0-r3; kept by the callee: r4-r11, so r7. ip is free.
 */
#define LANDING_PAD .fnstart
#include "../asm.S"

	.syntax	unified
	.arm

/* long vs_clone3(struct clone_args *args, size_t size, fn, arg) */
LOCAL_FUNCTION vs_clone3
	.cantunwind
	mov	ip, r7
	ldr	r7, =__NR_clone3	/* r2: fn, r3: arg, kept */
	svc	#0
	mov	r7, ip
	cmp	r0, #0
	beq	.Lchild
	bx	lr
	.fnend
END vs_clone3

/* long vs_clone(unsigned long flags, void *top, fn, arg) */
LOCAL_FUNCTION vs_clone
	.cantunwind
	push	{r4, r5, r6, r7}
	.cfi_adjust_cfa_offset 16
	bic	r1, r1, #15
	mov	r5, r2			/* fn, where clone does not look */
	mov	r6, r3			/* arg */
	mov	r2, #0			/* parent_tid */
	mov	r3, #0			/* tls */
	mov	r4, #0			/* child_tid */
	mov	r7, #__NR_clone
	svc	#0
	cmp	r0, #0
	beq	1f
	pop	{r4, r5, r6, r7}
	.cfi_adjust_cfa_offset -16
	bx	lr
1:	mov	r2, r5
	mov	r3, r6
.Lchild:
	.cfi_undefined lr		/* the outermost frame */
	mov	fp, #0
	mov	lr, #0
	mov	r0, r3
	blx	r2			/* sp is 16-byte aligned here */
	udf	#0			/* fn does not return */
	.fnend
END vs_clone

/*
 * pid_t vfork(void)
 *
 * The child returns first, into the caller, and runs over the stack below the
 * caller's frame. So nothing is left there when it starts: the return address
 * is in lr, r7 in ip.
 */
FUNCTION vfork
	push	{r3, lr}		/* r3: sp is kept 8-byte aligned */
	.save	{r3, lr}
	.cfi_adjust_cfa_offset 8
	.cfi_rel_offset lr, 4
	bl	vs_vfork_enter		/* libc's own vfork, or 0: go on */
	pop	{r3, lr}
	.cfi_restore lr
	.cfi_adjust_cfa_offset -8
	cmp	r0, #0
	bxne	r0
	mov	ip, r7
	mov	r7, #__NR_vfork
	svc	#0
	mov	r7, ip
	cmp	r0, #0
	bxge	lr
	b	vs_return		/* sets errno, returns -1 */
	.fnend
END vfork
	.globl	__vfork
	.set	__vfork, vfork

/* SA_RESTORER of our signal handlers. Unwinders know it by its code. */
LOCAL_FUNCTION vs_sa_restorer
	.cantunwind
	.cfi_signal_frame
	mov	r7, #__NR_rt_sigreturn
	svc	#0
	.fnend
END vs_sa_restorer

/* void vs_sigreturn(const void *context): a siginfo_t of 128 bytes is before
 * it in the frame */
LOCAL_FUNCTION vs_sigreturn
	.cantunwind
	.cfi_undefined lr
	sub	sp, r0, #128
	mov	r7, #__NR_rt_sigreturn
	svc	#0
	udf	#0
	.fnend
END vs_sigreturn
