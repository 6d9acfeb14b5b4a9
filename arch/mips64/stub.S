/* SPDX-License-Identifier: MIT
 *
 * mips64 (n64, either endianness): the system call stubs. See ../port.h.
 *
 *	number		v0		result		v0
 *	arguments	a0 a1 a2 a3 a4 a5
 *	failure		a3 is not 0, and v0 is errno
 *	lost		at v1 a4-a7 t0-t3 t8 t9 hi lo
 *	kept		s0-s7 gp sp fp, and the return address in ra, in
 *			parent and child alike
 *
 * clone takes flags, stack, parent_tid, tls, child_tid. There is no vfork, and
 * SIGCHLD is 18. The public functions are in the C ABI: a0-a7; their address
 * in t9; kept by the callee: s0-s7, and gp, which leads to the addresses of
 * this object only while it is set.
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
	daddiu	sp, sp, -16
	.cfi_adjust_cfa_offset 16
	sd	s0, 0(sp)
	.cfi_rel_offset 16, 0
	sd	s1, 8(sp)
	.cfi_rel_offset 17, 8
	move	s0, a2			/* fn, kept across the call */
	move	s1, a3			/* arg, kept across the call */
	li	v0, __NR_clone3
	b	.Lclone
END vs_clone3

/* long vs_clone(unsigned long flags, void *top, fn, arg) */
LOCAL_FUNCTION vs_clone
	daddiu	sp, sp, -16
	.cfi_adjust_cfa_offset 16
	sd	s0, 0(sp)
	.cfi_rel_offset 16, 0
	sd	s1, 8(sp)
	.cfi_rel_offset 17, 8
	move	s0, a2			/* fn, kept across the call */
	move	s1, a3			/* arg, kept across the call */
	dsrl	a1, a1, 4		/* 16-byte aligned */
	dsll	a1, a1, 4
	move	a2, zero		/* parent_tid */
	move	a3, zero		/* tls */
	move	a4, zero		/* child_tid */
	li	v0, __NR_clone
.Lclone:
	syscall
	beqz	a3, 1f
	dnegu	v0, v0
	b	2f
1:	beqz	v0, 3f
2:	ld	s0, 0(sp)
	ld	s1, 8(sp)
	daddiu	sp, sp, 16
	jr	ra
3:	.cfi_undefined 31		/* the child: the outermost frame */
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
 * is in ra, and gp is the caller's again.
 */
FUNCTION vfork
	daddiu	sp, sp, -16
	.cfi_adjust_cfa_offset 16
	sd	ra, 8(sp)
	.cfi_rel_offset 31, 8
	.cpsetup t9, 0, vfork		/* gp to 0(sp) */
	dla	t9, vs_vfork_enter	/* libc's own vfork, or 0: go on */
	jalr	t9
	.cpreturn
	ld	ra, 8(sp)
	.cfi_restore 31
	daddiu	sp, sp, 16
	.cfi_adjust_cfa_offset -16
	bnez	v0, 1f
	li	a0, CLONE_VM | CLONE_VFORK | SIGCHLD
	move	a1, zero		/* stack: the same */
	move	a2, zero		/* parent_tid */
	move	a3, zero		/* tls: the same */
	move	a4, zero		/* child_tid */
	li	v0, __NR_clone
	syscall
	bnez	a3, 2f
	jr	ra
1:	move	t9, v0
	jr	t9
2:	dnegu	a0, v0
	move	t0, ra
	bal	3f
3:	.cpsetup ra, t1, 3b		/* gp to t1 */
	dla	t9, vs_return		/* sets errno, returns -1 */
	move	gp, t1
	move	ra, t0
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

/* void vs_sigreturn(const void *context): six 32-bit words and a siginfo_t of
 * 128 bytes are before it in the frame */
LOCAL_FUNCTION vs_sigreturn
	.cfi_undefined 31
	daddiu	sp, a0, -152
	li	v0, __NR_rt_sigreturn
	syscall
	break
END vs_sigreturn
