/* SPDX-License-Identifier: MIT
 * See virtual_mask.h. Raw system calls only. */
#include "txn/record/virtual_mask.h"

#include <errno.h>

/* What the kernel does not keep in a mask. */
static const uint64_t NEVER_BLOCKED = VS_SIGBIT(SIGKILL) | VS_SIGBIT(SIGSTOP);

int vs_virtual_mask_edit(uint64_t *mask, int how, uint64_t set)
{
	set &= ~NEVER_BLOCKED;
	switch (how) {
	case SIG_BLOCK:
		*mask |= set;
		return 0;
	case SIG_UNBLOCK:
		*mask &= ~set;
		return 0;
	case SIG_SETMASK:
		*mask = set;
		return 0;
	default:
		return -EINVAL;
	}
}

/* The alternate stack stays as it is: the kernel would take that from the frame
 * too, unless what it finds there is invalid (restore_altstack() in
 * kernel/signal.c ignores the error). */
_Noreturn void vs_virtual_sigreturn(ucontext_t *uc, uint64_t *mask,
				    uint64_t real)
{
	enum { INVALID_FLAGS = 0x7f };
	ucontext_t *frame = vs_ctx_sigframe(uc);

	*mask = vs_get_mask(frame);
	vs_set_mask(frame, real);
	frame->uc_stack.ss_flags = INVALID_FLAGS;
	vs_sigreturn(frame);
}
