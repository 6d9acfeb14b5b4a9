/* SPDX-License-Identifier: MIT
 *
 * mips (o32, either endianness): the system call stubs. See ../port.h.
 *
 *	number		v0		result		v0
 *	arguments	a0 a1 a2 a3 16(sp) 20(sp)
 *	failure		a3 is not 0, and v0 is errno
 *	lost		at v1 t0-t9 hi lo
 *	kept		s0-s7 gp sp fp, and the return address in ra, in
 *			parent and child alike
 *
 * clone takes flags, stack, parent_tid, tls, child_tid. There is no vfork, and
 * SIGCHLD is 18. The public functions are in the C ABI: a0-a3, for which the
 * caller leaves room at 0(sp); their address in t9; kept by the callee: s0-s7.
 */
#define LANDING_PAD
#include "../asm.S"
#include <sys/regdef.h>

#define SIGCHLD 18

	.abicalls
	.option	pic2
	.set	nomips16
	.set	nomicromips

/* long vs_clone3(struct clone_args *args, size_t size, fn, arg) */
LOCAL_FUNCTION vs_clone3
	addiu	sp, sp, -32
	.cfi_adjust_cfa_offset 32
	sw	s0, 24(sp)
	.cfi_rel_offset 16, 24
	sw	s1, 28(sp)
	.cfi_rel_offset 17, 28
	move	s0, a2			/* fn, kept across the call */
	move	s1, a3			/* arg, kept across the call */
	li	v0, __NR_clone3
	b	.Lclone
END vs_clone3

/* long vs_clone(unsigned long flags, void *top, fn, arg) */
LOCAL_FUNCTION vs_clone
	addiu	sp, sp, -32
	.cfi_adjust_cfa_offset 32
	sw	s0, 24(sp)
	.cfi_rel_offset 16, 24
	sw	s1, 28(sp)
	.cfi_rel_offset 17, 28
	move	s0, a2			/* fn, kept across the call */
	move	s1, a3			/* arg, kept across the call */
	srl	a1, a1, 4		/* 16-byte aligned */
	sll	a1, a1, 4
	move	a2, zero		/* parent_tid */
	move	a3, zero		/* tls */
	sw	zero, 16(sp)		/* child_tid */
	li	v0, __NR_clone
.Lclone:
	syscall
	beqz	a3, 1f
	negu	v0, v0
	b	2f
1:	beqz	v0, 3f
2:	lw	s0, 24(sp)
	lw	s1, 28(sp)
	addiu	sp, sp, 32
	jr	ra
3:	.cfi_undefined 31		/* the child: the outermost frame */
	addiu	sp, sp, -16
	move	fp, zero
	move	ra, zero
	move	a0, s1
	move	t9, s0
	jalr	t9			/* sp is 16-byte aligned here */
	break				/* fn does not return */
END vs_clone

/*
 * pid_t vfork(void)
 *
 * The child returns first, into the caller, and runs over the stack below the
 * caller's frame. So nothing is left there when it starts: the return address
 * is in ra.
 */
FUNCTION vfork
	.set	noreorder
	.cpload	t9
	.set	reorder
	addiu	sp, sp, -32
	.cfi_adjust_cfa_offset 32
	sw	ra, 28(sp)
	.cfi_rel_offset 31, 28
	sw	gp, 24(sp)
	la	t9, vs_vfork_enter	/* libc's own vfork, or 0: go on */
	jalr	t9
	lw	gp, 24(sp)
	lw	ra, 28(sp)
	.cfi_restore 31
	addiu	sp, sp, 32
	.cfi_adjust_cfa_offset -32
	bnez	v0, 1f
	li	a0, CLONE_VM | CLONE_VFORK | SIGCHLD
	move	a1, zero		/* stack: the same */
	move	a2, zero		/* parent_tid */
	move	a3, zero		/* tls: the same */
	li	v0, __NR_clone
	syscall
	bnez	a3, 2f
	jr	ra
1:	move	t9, v0
	jr	t9
2:	negu	a0, v0
	la	t9, vs_return		/* sets errno, returns -1 */
	jr	t9
END vfork
	.globl	__vfork
	.set	__vfork, vfork

/* This kernel has no SA_RESTORER: see vs_sigreturn. */
LOCAL_FUNCTION vs_sa_restorer
	.cfi_signal_frame
	li	v0, __NR_rt_sigreturn
	syscall
END vs_sa_restorer

/* void vs_sigreturn(const void *context): six words and a siginfo_t of 128
 * bytes are before it in the frame */
LOCAL_FUNCTION vs_sigreturn
	.cfi_undefined 31
	addiu	sp, a0, -152
	li	v0, __NR_rt_sigreturn
	syscall
	break
END vs_sigreturn
