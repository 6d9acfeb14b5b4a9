/* SPDX-License-Identifier: MIT
 * Any other CPU: nothing to assemble; see syscall.h. */
	.section .note.GNU-stack,"",%progbits
