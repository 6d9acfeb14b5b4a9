/* SPDX-License-Identifier: MIT
 *
 * The virtual signal mask: what the application has set and is told, while
 * really nearly every signal is blocked. In the parent from the beginning of
 * fork() to its end, in the speculative child until it execs.
 */
#ifndef VS_VIRTUAL_MASK_H
#define VS_VIRTUAL_MASK_H

#include "kernel/ksignal.h"

/* What the speculative child really blocks: all but the signals that are
 * intercepted there, see child/signals.c. */
static inline uint64_t vs_child_real_mask(void)
{
	return VS_ALL_SIGNALS &
	       ~(VS_SIGBIT(SIGSYS) | VS_SIGBIT(SIGSEGV) | VS_SIGBIT(SIGBUS) |
		 VS_SIGBIT(SIGFPE) | VS_SIGBIT(SIGILL) | VS_SIGBIT(SIGTRAP));
}

/* Edits `mask` as rt_sigprocmask(how, set) would. 0 or -EINVAL. */
int vs_virtual_mask_edit(uint64_t *mask, int how, uint64_t set);

/* Makes the rt_sigreturn that `uc` was trapped at: the frame's mask becomes the
 * virtual one, and the thread goes on with `real`. */
_Noreturn void vs_virtual_sigreturn(ucontext_t *uc, uint64_t *mask,
				    uint64_t real);

#endif
