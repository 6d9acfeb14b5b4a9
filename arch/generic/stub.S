/* SPDX-License-Identifier: MIT
 * Any other CPU: nothing to assemble; see syscall.h. The names are there for
 * the linker, and never called. */
	.text
	.globl	vs_sa_restorer, vs_sigreturn
	.hidden	vs_sa_restorer, vs_sigreturn
vs_sa_restorer:
vs_sigreturn:

	.section .note.GNU-stack,"",%progbits
