/* SPDX-License-Identifier: MIT
 *
 * i386: the system call stubs. See ../port.h.
 *
 *	number		eax		result		eax, -errno on failure
 *	arguments	ebx ecx edx esi edi ebp
 *	lost		nothing
 *	kept		every other register, in parent and child alike
 *
 * int $0x80 and not the vDSO's sysenter: that returns by the stack, which a
 * child would share. A child that shares memory returns from the system call
 * with the parent's registers; what the parent needs afterwards must be in
 * one of them. The public functions are in the C ABI: arguments on the stack,
 * kept by the callee: ebx esi edi ebp.
 */
#define LANDING_PAD endbr32
#include "../asm.S"

/* long vs_clone3(struct clone_args *args, size_t size, fn, arg) */
LOCAL_FUNCTION vs_clone3
	pushl	%ebx
	.cfi_adjust_cfa_offset 4
	.cfi_rel_offset %ebx, 0
	pushl	%esi
	.cfi_adjust_cfa_offset 4
	.cfi_rel_offset %esi, 0
	movl	12(%esp), %ebx		/* args */
	movl	16(%esp), %ecx		/* size */
	movl	20(%esp), %edx		/* fn, kept across the call */
	movl	24(%esp), %esi		/* arg, kept across the call */
	movl	$__NR_clone3, %eax
	int	$0x80
	testl	%eax, %eax
	jz	1f
	popl	%esi
	.cfi_adjust_cfa_offset -4
	.cfi_restore %esi
	popl	%ebx
	.cfi_adjust_cfa_offset -4
	.cfi_restore %ebx
	ret
1:	.cfi_undefined %eip		/* the child: the outermost frame */
	xorl	%ebp, %ebp
	subl	$12, %esp		/* 16-byte aligned at the call */
	pushl	%esi
	call	*%edx
	ud2				/* fn does not return */
END vs_clone3

/* long vs_clone(unsigned long flags, void *top, fn, arg) */
LOCAL_FUNCTION vs_clone
	pushl	%ebp
	.cfi_adjust_cfa_offset 4
	.cfi_rel_offset %ebp, 0
	pushl	%ebx
	.cfi_adjust_cfa_offset 4
	.cfi_rel_offset %ebx, 0
	pushl	%esi
	.cfi_adjust_cfa_offset 4
	.cfi_rel_offset %esi, 0
	pushl	%edi
	.cfi_adjust_cfa_offset 4
	.cfi_rel_offset %edi, 0
	movl	20(%esp), %ebx		/* flags */
	movl	24(%esp), %ecx		/* top */
	movl	28(%esp), %ebp		/* fn, kept across the call */
	movl	32(%esp), %eax		/* arg, which waits on the stack */
	andl	$-16, %ecx
	subl	$16, %ecx
	movl	%eax, (%ecx)
	xorl	%edx, %edx		/* parent_tid */
	xorl	%esi, %esi		/* tls */
	xorl	%edi, %edi		/* child_tid */
	movl	$__NR_clone, %eax
	int	$0x80
	testl	%eax, %eax
	jz	1f
	popl	%edi
	.cfi_adjust_cfa_offset -4
	.cfi_restore %edi
	popl	%esi
	.cfi_adjust_cfa_offset -4
	.cfi_restore %esi
	popl	%ebx
	.cfi_adjust_cfa_offset -4
	.cfi_restore %ebx
	popl	%ebp
	.cfi_adjust_cfa_offset -4
	.cfi_restore %ebp
	ret
1:	.cfi_undefined %eip
	movl	%ebp, %edx
	xorl	%ebp, %ebp
	call	*%edx			/* fn(arg) */
	ud2
END vs_clone

/*
 * pid_t vfork(void)
 *
 * The child returns first, into the caller, and runs over the stack below the
 * caller's frame; so the return address waits in edx. The child leaves by a
 * jump, as on x86-64.
 */
FUNCTION vfork
	subl	$12, %esp
	.cfi_adjust_cfa_offset 12
	call	vs_vfork_enter		/* libc's own vfork, or 0: go on */
	addl	$12, %esp
	.cfi_adjust_cfa_offset -12
	testl	%eax, %eax
	jnz	2f
	popl	%edx			/* return address */
	.cfi_adjust_cfa_offset -4
	.cfi_register %eip, %edx
	movl	$__NR_vfork, %eax
	int	$0x80
	testl	%eax, %eax
	jz	1f
	pushl	%edx
	.cfi_adjust_cfa_offset 4
	.cfi_rel_offset %eip, 0
	js	3f
	ret
1:	.cfi_adjust_cfa_offset -4
	.cfi_register %eip, %edx
	notrack jmp *%edx
	.cfi_adjust_cfa_offset 4
	.cfi_rel_offset %eip, 0
2:	notrack jmp *%eax
3:	subl	$8, %esp
	.cfi_adjust_cfa_offset 8
	pushl	%eax
	.cfi_adjust_cfa_offset 4
	call	vs_return		/* sets errno, returns -1 */
	addl	$12, %esp
	.cfi_adjust_cfa_offset -12
	ret
END vfork
	.globl	__vfork
	.set	__vfork, vfork

/*
 * long vs_share_clone(struct vs_share *s)
 *
 * The child goes on above this frame, and the parent's stack with it: the
 * parent wakes on the private stack and comes back when vs_share_resume() has
 * put the frames right, this one included. ebp, as every register, is the
 * parent's own. Both return by `ret`: not for a shadow stack.
 */
LOCAL_FUNCTION vs_share_clone
	pushl	%ebp
	.cfi_adjust_cfa_offset 4
	.cfi_rel_offset %ebp, 0
	pushl	%ebx
	.cfi_adjust_cfa_offset 4
	.cfi_rel_offset %ebx, 0
	movl	12(%esp), %ebp		/* s, kept across the call */
	movl	%esp, (%ebp)		/* s->sp */
	pushl	%ebp			/* 16-byte aligned at the call */
	.cfi_adjust_cfa_offset 4
	call	vs_share_copy
	addl	$4, %esp
	.cfi_adjust_cfa_offset -4
	movl	$CLONE_VM | CLONE_VFORK, %ebx	/* no exit signal */
	xorl	%ecx, %ecx		/* stack: the same */
	xorl	%edx, %edx		/* parent_tid; esi, edi are not asked for */
	movl	$__NR_clone, %eax
	int	$0x80
	testl	%eax, %eax
	jz	1f
	movl	4(%ebp), %esp		/* s->private_stack */
	.cfi_remember_state		/* CFA: *(ebp + 0) + 12 */
	.cfi_escape 0x0f, 5, 0x75, 0, 0x06, 0x23, 12
	subl	$8, %esp
	pushl	%eax			/* pid or -errno */
	pushl	%ebp			/* s */
	call	vs_share_resume		/* returns it */
	movl	(%ebp), %esp
	.cfi_restore_state
1:	popl	%ebx
	.cfi_adjust_cfa_offset -4
	.cfi_restore %ebx
	popl	%ebp
	.cfi_adjust_cfa_offset -4
	.cfi_restore %ebp
	ret
END vs_share_clone

/* SA_RESTORER of our signal handlers. Unwinders know it by its bytes. */
	.p2align 4
	nop
LOCAL_FUNCTION vs_sa_restorer
	.cfi_signal_frame
	movl	$__NR_rt_sigreturn, %eax
	int	$0x80
END vs_sa_restorer

/* void vs_sigreturn(const void *context): rt_sigreturn takes the frame's
 * first word, the restorer's address, as popped; three more words and a
 * siginfo_t of 128 bytes are before the ucontext. */
LOCAL_FUNCTION vs_sigreturn
	.cfi_undefined %eip
	movl	4(%esp), %eax
	leal	-140(%eax), %esp
	movl	$__NR_rt_sigreturn, %eax
	int	$0x80
	ud2
END vs_sigreturn

	.section .note.gnu.property,"a",@note
	.p2align 2
	.long	4, 12, 5		/* name, descriptor, type 5: property */
	.asciz	"GNU"
	.long	0xc0000002, 4, 3	/* x86 features: IBT, shadow stack */
