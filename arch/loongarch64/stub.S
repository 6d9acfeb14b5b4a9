/* SPDX-License-Identifier: MIT
 *
 * loongarch64: the system call stubs. See ../port.h.
 *
 *	number		a7		result		a0, -errno on failure
 *	arguments	a0 a1 a2 a3 a4 a5
 *	lost		t0-t8
 *	kept		every other register, in parent and child alike: the
 *			return address in ra, too
 *
 * clone takes flags, stack, parent_tid, child_tid, tls. There is no vfork. The
 * public functions are in the C ABI: a0-a7; kept by the callee: s0-s9, fp.
 */
#define LANDING_PAD
#include "../asm.S"

#define SIGCHLD 17

/* long vs_clone3(struct clone_args *args, size_t size, fn, arg) */
LOCAL_FUNCTION vs_clone3
	li.w	$a7, __NR_clone3	/* a2: fn, a3: arg, kept */
	syscall	0
	beqz	$a0, .Lchild
	jr	$ra
END vs_clone3

/* long vs_clone(unsigned long flags, void *top, fn, arg) */
LOCAL_FUNCTION vs_clone
	bstrins.d $a1, $zero, 3, 0	/* 16-byte aligned */
	move	$a5, $a2		/* fn, where clone does not look */
	move	$a6, $a3		/* arg */
	move	$a2, $zero		/* parent_tid */
	move	$a3, $zero		/* child_tid */
	move	$a4, $zero		/* tls */
	li.w	$a7, __NR_clone
	syscall	0
	beqz	$a0, 1f
	jr	$ra
1:	move	$a2, $a5
	move	$a3, $a6
.Lchild:
	.cfi_undefined 1		/* the outermost frame */
	move	$fp, $zero
	move	$a0, $a3
	jirl	$ra, $a2, 0		/* sp is 16-byte aligned here */
	break	0			/* fn does not return */
END vs_clone

/*
 * pid_t vfork(void)
 *
 * The child returns first, into the caller, and runs over the stack below the
 * caller's frame. So nothing is left there when it starts: the return address
 * is in ra.
 */
FUNCTION vfork
	addi.d	$sp, $sp, -16
	.cfi_adjust_cfa_offset 16
	st.d	$ra, $sp, 8
	.cfi_rel_offset 1, 8
	bl	vs_vfork_enter		/* libc's own vfork, or 0: go on */
	ld.d	$ra, $sp, 8
	.cfi_restore 1
	addi.d	$sp, $sp, 16
	.cfi_adjust_cfa_offset -16
	bnez	$a0, 1f
	li.w	$a0, CLONE_VM | CLONE_VFORK | SIGCHLD
	move	$a1, $zero		/* stack: the same */
	move	$a2, $zero		/* parent_tid */
	move	$a3, $zero		/* child_tid */
	move	$a4, $zero		/* tls: the same */
	li.w	$a7, __NR_clone
	syscall	0
	blt	$a0, $zero, 2f
	jr	$ra
1:	jr	$a0
2:	b	vs_return		/* sets errno, returns -1 */
END vfork
	.globl	__vfork
	.set	__vfork, vfork

/* This kernel has no SA_RESTORER: see vs_sigreturn. */
LOCAL_FUNCTION vs_sa_restorer
	.cfi_signal_frame
	li.w	$a7, __NR_rt_sigreturn
	syscall	0
END vs_sa_restorer

/* void vs_sigreturn(const void *context): a siginfo_t of 128 bytes is before
 * it in the frame */
LOCAL_FUNCTION vs_sigreturn
	.cfi_undefined 1
	addi.d	$sp, $a0, -128
	li.w	$a7, __NR_rt_sigreturn
	syscall	0
	break	0
END vs_sigreturn
