/* SPDX-License-Identifier: MIT
 *
 * riscv64: the system call stubs. See ../port.h.
 *
 *	number		a7		result		a0, -errno on failure
 *	arguments	a0 a1 a2 a3 a4 a5
 *	lost		the vector registers
 *	kept		every other register, in parent and child alike: the
 *			return address in ra, too
 *
 * clone takes flags, stack, parent_tid, tls, child_tid. There is no vfork. The
 * public functions are in the C ABI: a0-a7; kept by the callee: s0-s11.
 */
#define LANDING_PAD
#include "../asm.S"

#define SIGCHLD 17

/* long vs_clone3(struct clone_args *args, size_t size, fn, arg) */
LOCAL_FUNCTION vs_clone3
	li	a7, __NR_clone3		/* a2: fn, a3: arg, kept */
	ecall
	beqz	a0, .Lchild
	ret
END vs_clone3

/* long vs_clone(unsigned long flags, void *top, fn, arg) */
LOCAL_FUNCTION vs_clone
	andi	a1, a1, -16
	mv	a5, a2			/* fn, where clone does not look */
	mv	a6, a3			/* arg */
	li	a2, 0			/* parent_tid */
	li	a3, 0			/* tls */
	li	a4, 0			/* child_tid */
	li	a7, __NR_clone
	ecall
	beqz	a0, 1f
	ret
1:	mv	a2, a5
	mv	a3, a6
.Lchild:
	.cfi_undefined ra		/* the outermost frame */
	li	s0, 0
	li	ra, 0
	mv	a0, a3
	jalr	a2			/* sp is 16-byte aligned here */
	ebreak				/* fn does not return */
END vs_clone

/*
 * pid_t vfork(void)
 *
 * The child returns first, into the caller, and runs over the stack below the
 * caller's frame. So nothing is left there when it starts: the return address
 * is in ra.
 */
FUNCTION vfork
	addi	sp, sp, -16
	.cfi_adjust_cfa_offset 16
	sd	ra, 8(sp)
	.cfi_rel_offset ra, 8
	call	vs_vfork_enter		/* libc's own vfork, or 0: go on */
	ld	ra, 8(sp)
	.cfi_restore ra
	addi	sp, sp, 16
	.cfi_adjust_cfa_offset -16
	bnez	a0, 1f
	li	a0, CLONE_VM | CLONE_VFORK | SIGCHLD
	li	a1, 0			/* stack: the same */
	li	a2, 0			/* parent_tid */
	li	a3, 0			/* tls: the same */
	li	a4, 0			/* child_tid */
	li	a7, __NR_clone
	ecall
	bltz	a0, 2f
	ret
1:	jr	a0
2:	tail	vs_return		/* sets errno, returns -1 */
END vfork
	.globl	__vfork
	.set	__vfork, vfork

/*
 * long vs_share_clone(struct vs_share *s)
 *
 * The child goes on above this frame, and the parent's stack with it: the
 * parent wakes on the private stack and comes back when vs_share_resume() has
 * put the frames right, this one included. s1, as every register, is the
 * parent's own.
 */
LOCAL_FUNCTION vs_share_clone
	addi	sp, sp, -16
	.cfi_adjust_cfa_offset 16
	sd	ra, 8(sp)
	.cfi_rel_offset ra, 8
	sd	s1, 0(sp)
	.cfi_rel_offset s1, 0
	mv	s1, a0			/* s, kept across the call */
	sd	sp, 0(s1)		/* s->sp */
	call	vs_share_copy
	li	a0, CLONE_VM | CLONE_VFORK	/* no exit signal */
	li	a1, 0			/* stack: the same */
	li	a2, 0			/* parent_tid */
	li	a3, 0			/* tls: the same */
	li	a4, 0			/* child_tid */
	li	a7, __NR_clone
	ecall
	beqz	a0, 1f
	ld	sp, 8(s1)		/* s->private_stack */
	.cfi_remember_state		/* CFA: *(s1 + 0) + 16 */
	.cfi_escape 0x0f, 5, 0x79, 0, 0x06, 0x23, 16
	mv	a1, a0			/* pid or -errno */
	mv	a0, s1			/* s */
	call	vs_share_resume		/* returns it */
	ld	sp, 0(s1)
	.cfi_restore_state
1:	ld	s1, 0(sp)
	.cfi_restore s1
	ld	ra, 8(sp)
	.cfi_restore ra
	addi	sp, sp, 16
	.cfi_adjust_cfa_offset -16
	ret
END vs_share_clone

/* This kernel has no SA_RESTORER: see vs_sigreturn. */
LOCAL_FUNCTION vs_sa_restorer
	.cfi_signal_frame
	li	a7, __NR_rt_sigreturn
	ecall
END vs_sa_restorer

/* void vs_sigreturn(const void *context): a siginfo_t of 128 bytes is before
 * it in the frame */
LOCAL_FUNCTION vs_sigreturn
	.cfi_undefined ra
	addi	sp, a0, -128
	li	a7, __NR_rt_sigreturn
	ecall
	ebreak
END vs_sigreturn
