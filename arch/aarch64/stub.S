/* SPDX-License-Identifier: MIT
 *
 * aarch64: the system call stubs. See ../port.h.
 *
 *	number		x8		result		x0, -errno on failure
 *	arguments	x0 x1 x2 x3 x4 x5
 *	lost		of the SVE registers what NEON does not have
 *	kept		every other register, in parent and child alike: the
 *			return address in x30, too
 *
 * clone takes flags, stack, parent_tid, tls, child_tid. There is no vfork. The
 * public functions are in the C ABI: x0-x7; kept by the callee: x19-x29.
 */
#define LANDING_PAD bti c
#include "../asm.S"

#define SIGCHLD 17

	.arch	armv8.5-a		/* bti, which is a hint to older ones */

/* long vs_clone3(struct clone_args *args, size_t size, fn, arg) */
LOCAL_FUNCTION vs_clone3
	mov	x8, #__NR_clone3	/* x2: fn, x3: arg, kept */
	svc	#0
	cbz	x0, .Lchild
	ret
END vs_clone3

/* long vs_clone(unsigned long flags, void *top, fn, arg) */
LOCAL_FUNCTION vs_clone
	and	x1, x1, #-16
	mov	x9, x2			/* fn, where clone does not look */
	mov	x10, x3			/* arg */
	mov	x2, #0			/* parent_tid */
	mov	x3, #0			/* tls */
	mov	x4, #0			/* child_tid */
	mov	x8, #__NR_clone
	svc	#0
	cbz	x0, 1f
	ret
1:	mov	x2, x9
	mov	x3, x10
.Lchild:
	.cfi_undefined x30		/* the outermost frame */
	mov	x29, #0
	mov	x30, #0
	mov	x0, x3
	blr	x2			/* sp is 16-byte aligned here */
	brk	#1			/* fn does not return */
END vs_clone

/*
 * pid_t vfork(void)
 *
 * The child returns first, into the caller, and runs over the stack below the
 * caller's frame. So nothing is left there when it starts: the return address
 * is in x30. With a guarded control stack, the child shares that with its
 * parent and must leave by a jump, which pops nothing; only then, because
 * with branch protection a jump has to meet a landing pad, which compilers put
 * behind the calls of what they know to be vfork.
 */
FUNCTION vfork
	stp	x29, x30, [sp, #-16]!
	.cfi_adjust_cfa_offset 16
	.cfi_rel_offset x29, 0
	.cfi_rel_offset x30, 8
	mov	x29, sp
	bl	vs_vfork_enter		/* libc's own vfork, or 0: go on */
	ldp	x29, x30, [sp], #16
	.cfi_restore x30
	.cfi_restore x29
	.cfi_adjust_cfa_offset -16
	cbnz	x0, 1f
	mov	x0, #CLONE_VFORK
	orr	x0, x0, #CLONE_VM
	add	x0, x0, #SIGCHLD
	mov	x1, #0			/* stack: the same */
	mov	x2, #0			/* parent_tid */
	mov	x3, #0			/* tls: the same */
	mov	x4, #0			/* child_tid */
	mov	x8, #__NR_clone
	svc	#0
	tbnz	x0, #63, 2f
	cbz	x0, 3f
	ret
1:	mov	x16, x0			/* may land on any landing pad */
	br	x16
2:	b	vs_return		/* sets errno, returns -1 */
3:	mov	x16, #1
	hint	#40			/* chkfeat x16: 0 if there is one */
	cbz	x16, 4f
	ret
4:	br	x30
END vfork
	.globl	__vfork
	.set	__vfork, vfork

/*
 * long vs_share_clone(struct vs_share *s)
 *
 * The child goes on above this frame, and the parent's stack with it: the
 * parent wakes on the private stack and comes back when vs_share_resume() has
 * put the frames right, this one included. x19, as every register, is the
 * parent's own. Both return by `ret`: not with a guarded control stack.
 */
LOCAL_FUNCTION vs_share_clone
	stp	x29, x30, [sp, #-32]!
	.cfi_adjust_cfa_offset 32
	.cfi_rel_offset x29, 0
	.cfi_rel_offset x30, 8
	str	x19, [sp, #16]
	.cfi_rel_offset x19, 16
	mov	x29, sp
	mov	x19, x0			/* s, kept across the call */
	mov	x9, sp
	str	x9, [x19]		/* s->sp */
	bl	vs_share_copy
	mov	x0, #CLONE_VFORK	/* no exit signal */
	orr	x0, x0, #CLONE_VM
	mov	x1, #0			/* stack: the same */
	mov	x2, #0			/* parent_tid */
	mov	x3, #0			/* tls: the same */
	mov	x4, #0			/* child_tid */
	mov	x8, #__NR_clone
	svc	#0
	cbz	x0, 1f
	ldr	x9, [x19, #8]		/* s->private_stack */
	mov	sp, x9
	.cfi_remember_state		/* CFA: *(x19 + 0) + 32 */
	.cfi_escape 0x0f, 5, 0x83, 0, 0x06, 0x23, 32
	mov	x1, x0			/* pid or -errno */
	mov	x0, x19			/* s */
	bl	vs_share_resume		/* returns it */
	ldr	x9, [x19]
	mov	sp, x9
	.cfi_restore_state
1:	ldr	x19, [sp, #16]
	.cfi_restore x19
	ldp	x29, x30, [sp], #32
	.cfi_restore x30
	.cfi_restore x29
	.cfi_adjust_cfa_offset -32
	ret
END vs_share_clone

/* SA_RESTORER of our signal handlers. Unwinders know it by its bytes. */
	.hidden	vs_sa_restorer
	.globl	vs_sa_restorer
	.type	vs_sa_restorer, %function
	.p2align 4
	nop
vs_sa_restorer:
	.cfi_startproc
	.cfi_signal_frame
	mov	x8, #__NR_rt_sigreturn
	svc	#0
	.cfi_endproc
	.size	vs_sa_restorer, . - vs_sa_restorer

/* void vs_sigreturn(const void *context): a siginfo_t of 128 bytes is before
 * it in the frame */
LOCAL_FUNCTION vs_sigreturn
	.cfi_undefined x30
	sub	sp, x0, #128
	mov	x8, #__NR_rt_sigreturn
	svc	#0
	brk	#1
END vs_sigreturn

	.section .note.gnu.property,"a",%note
	.p2align 3
	.long	4, 16, 5		/* name, descriptor, type 5: property */
	.asciz	"GNU"
	.long	0xc0000000, 4, 5, 0	/* aarch64 features: BTI, GCS */
