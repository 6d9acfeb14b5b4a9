/* SPDX-License-Identifier: MIT
 * Watching the system calls of a child that shares memory, after an exec that
 * has failed: see exec.c. */
#include "kernel/dispatch.h"
#include "share/internal.h"

#if VS_ARCH_SHARE

static const uint64_t sigsys_bit = VS_SIGBIT(SIGSYS);

void vs_share_disarm(struct vs_share *s)
{
	vs_dispatch_off();
	if (s->sigsys_blocked)
		vs_sys(SYS_rt_sigprocmask, SIG_BLOCK, &sigsys_bit, NULL,
		       VS_KSIGSET_SIZE);
	vs_sigaction(SIGSYS, &s->sigsys, NULL);
	s->armed = false;
}

/* The child has its own table of handlers, and SIGSYS must not be blocked: the
 * kernel kills who cannot take it. */
bool vs_share_arm(struct vs_share *s, vs_handler on_sigsys)
{
	struct vs_ksigaction ours;
	uint64_t mask = 0;

	vs_ksigaction_set(&ours, on_sigsys, SA_SIGINFO | SA_NODEFER);
	vs_sigaction(SIGSYS, &ours, &s->sigsys);
	vs_sys(SYS_rt_sigprocmask, SIG_UNBLOCK, &sigsys_bit, &mask,
	       VS_KSIGSET_SIZE);
	s->sigsys_blocked = mask & sigsys_bit;
	s->armed = true;
	if (!vs_dispatch_on())
		return true;
	vs_share_disarm(s);
	return false;
}

#endif
