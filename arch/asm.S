/* SPDX-License-Identifier: MIT
 *
 * Included by the stub.S of every CPU: what they have in common. LANDING_PAD
 * is the instruction that an indirect jump may lead to, where there is one.
 */
#include <asm/unistd.h>

#define CLONE_VM    0x00000100
#define CLONE_VFORK 0x00004000

	.section .note.GNU-stack,"",%progbits
	.text

	.macro	FUNCTION name
	.globl	\name
	.type	\name, %function
	.p2align 4
\name:
	.cfi_startproc
	LANDING_PAD
	.endm

	.macro	LOCAL_FUNCTION name
	.hidden	\name
	FUNCTION \name
	.endm

	.macro	END name
	.cfi_endproc
	.size	\name, . - \name
	.endm
