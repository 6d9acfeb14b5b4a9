/* SPDX-License-Identifier: MIT
 *
 * x86-64: the system call stubs. See ../port.h.
 *
 *	number		rax		result		rax, -errno on failure
 *	arguments	rdi rsi rdx r10 r8 r9
 *	lost		rcx (return address), r11 (flags)
 *	kept		every other register, in parent and child alike
 *
 * A child that shares memory returns from the system call with the parent's
 * registers; what the parent needs afterwards must be in one of them, or in
 * memory that the child leaves alone. The public functions are in the C ABI:
 * rdi rsi rdx rcx r8 r9, kept by the callee: rbx rbp r12-r15.
 */
#define LANDING_PAD endbr64
#include "../asm.S"

/* long vs_clone3(struct clone_args *args, size_t size, fn, arg) */
LOCAL_FUNCTION vs_clone3
	movq	%rcx, %r8		/* arg, kept across the call */
	movq	%rdx, %r9		/* fn, kept across the call */
	movl	$__NR_clone3, %eax
	syscall
	testq	%rax, %rax
	jz	.Lchild
	ret
END vs_clone3

/* long vs_clone(unsigned long flags, void *top, fn, arg) */
LOCAL_FUNCTION vs_clone
	pushq	%rbx			/* clone takes five registers, r8 the */
	.cfi_adjust_cfa_offset 8	/* last; fn and arg go where it does */
	.cfi_rel_offset %rbx, 0		/* not look */
	movq	%rcx, %rbx		/* arg */
	movq	%rdx, %r9		/* fn */
	andq	$-16, %rsi
	xorl	%edx, %edx		/* parent_tid */
	xorl	%r10d, %r10d		/* child_tid */
	xorl	%r8d, %r8d		/* tls */
	movl	$__NR_clone, %eax
	syscall
	testq	%rax, %rax
	jz	1f
	popq	%rbx
	.cfi_adjust_cfa_offset -8
	.cfi_restore %rbx
	ret
1:	.cfi_undefined %rip		/* the child: the outermost frame */
	movq	%rbx, %r8
.Lchild:
	xorl	%ebp, %ebp
	movq	%r8, %rdi
	call	*%r9			/* rsp is 16-byte aligned here */
	ud2				/* fn does not return */
END vs_clone

/*
 * pid_t vfork(void)
 *
 * The child returns first, into the caller, and runs over the stack below
 * the caller's frame; so the return address waits in rdi, which the child
 * has its own copy of. The child leaves by a jump: its `ret` would pop the
 * shadow stack that the parent, too, returns through.
 */
FUNCTION vfork
	subq	$8, %rsp
	.cfi_adjust_cfa_offset 8
	call	vs_vfork_enter		/* libc's own vfork, or 0: go on */
	addq	$8, %rsp
	.cfi_adjust_cfa_offset -8
	testq	%rax, %rax
	jnz	2f
	popq	%rdi			/* return address */
	.cfi_adjust_cfa_offset -8
	.cfi_register %rip, %rdi
	movl	$__NR_vfork, %eax
	syscall
	testl	%eax, %eax
	jz	1f
	pushq	%rdi
	.cfi_adjust_cfa_offset 8
	.cfi_rel_offset %rip, 0
	js	3f
	ret
1:	.cfi_adjust_cfa_offset -8
	.cfi_register %rip, %rdi
	notrack jmp *%rdi
	.cfi_adjust_cfa_offset 8
	.cfi_rel_offset %rip, 0
2:	notrack jmp *%rax
3:	movslq	%eax, %rdi
	jmp	vs_return		/* sets errno, returns -1 */
END vfork
	.globl	__vfork
	.set	__vfork, vfork

/*
 * long vs_share_clone(struct vs_share *s)
 *
 * The child goes on above this frame, and the parent's stack with it: the
 * parent wakes on the private stack and comes back when vs_share_resume() has
 * put the frames right, this one included. rbx, as every register, is the
 * parent's own. Both return by `ret`: not for a shadow stack.
 */
LOCAL_FUNCTION vs_share_clone
	pushq	%rbx
	.cfi_adjust_cfa_offset 8
	.cfi_rel_offset %rbx, 0
	movq	%rdi, %rbx		/* s, kept across the call */
	movq	%rsp, (%rbx)		/* s->sp */
	call	vs_share_copy
	movl	$CLONE_VM | CLONE_VFORK, %edi	/* no exit signal */
	xorl	%esi, %esi		/* stack: the same */
	xorl	%edx, %edx		/* parent_tid */
	xorl	%r10d, %r10d		/* child_tid */
	xorl	%r8d, %r8d		/* tls: the same */
	movl	$__NR_clone, %eax
	syscall
	testq	%rax, %rax
	jz	1f
	movq	8(%rbx), %rsp		/* s->private_stack */
	.cfi_remember_state		/* CFA: *(rbx + 0) + 16 */
	.cfi_escape 0x0f, 5, 0x73, 0, 0x06, 0x23, 16
	movq	%rbx, %rdi		/* s */
	movq	%rax, %rsi		/* pid or -errno */
	call	vs_share_resume		/* returns it */
	movq	(%rbx), %rsp
	.cfi_restore_state
1:	popq	%rbx
	.cfi_adjust_cfa_offset -8
	.cfi_restore %rbx
	ret
END vs_share_clone

/* SA_RESTORER of our signal handlers. Unwinders know it by its bytes. */
	.p2align 4
	nop
LOCAL_FUNCTION vs_sa_restorer
	.cfi_signal_frame
	movl	$__NR_rt_sigreturn, %eax
	syscall
END vs_sa_restorer

/* void vs_sigreturn(const void *context): rt_sigreturn has it at rsp */
LOCAL_FUNCTION vs_sigreturn
	.cfi_undefined %rip
	movq	%rdi, %rsp
	movl	$__NR_rt_sigreturn, %eax
	syscall
	ud2
END vs_sigreturn

	.section .note.gnu.property,"a",@note
	.p2align 3
	.long	4, 16, 5		/* name, descriptor, type 5: property */
	.asciz	"GNU"
	.long	0xc0000002, 4, 3, 0	/* x86 features: IBT, shadow stack */
