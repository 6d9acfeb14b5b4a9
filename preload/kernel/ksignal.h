/* SPDX-License-Identifier: MIT
 * Signal handlers as the kernel has them, where libc's types are larger or
 * hidden. Raw system calls only. */
#ifndef VS_KSIGNAL_H
#define VS_KSIGNAL_H

#include <stddef.h>
#include <ucontext.h>

#include "kernel/sigset.h"

/* The mask that a signal frame restores. */
static inline uint64_t vs_get_mask(const ucontext_t *uc)
{
	uint64_t mask;

	__builtin_memcpy(&mask, &uc->uc_sigmask, sizeof(mask));
	return mask;
}

static inline void vs_set_mask(ucontext_t *uc, uint64_t mask)
{
	__builtin_memcpy(&uc->uc_sigmask, &mask, sizeof(mask));
}

/* A flag where the kernel has it. */
#define VS_SA_RESTORER (VS_SIGACTION_RESTORER ? 0x04000000U : 0U)

typedef void (*vs_handler)(int, siginfo_t *, void *);

#ifndef SA_EXPOSE_TAGBITS
#	define SA_EXPOSE_TAGBITS 0x800
#endif

/* struct sigaction of the rt_ system calls. */
struct vs_ksigaction {
#if VS_SIGACTION_FLAGS_FIRST
	unsigned flags;
	vs_handler handler;
#else
	vs_handler handler;
	unsigned long flags;
#endif
#if VS_SIGACTION_RESTORER
	void (*restorer)(void);
#endif
	vs_sigset mask;
};
_Static_assert(offsetof(struct vs_ksigaction, mask) ==
			       (VS_SIGACTION_RESTORER ? 3 : 2) * sizeof(long) &&
		       sizeof(((struct vs_ksigaction *)0)->mask) ==
			       VS_KSIGSET_SIZE,
	       "as the kernel has it");
_Static_assert(sizeof(siginfo_t) == 128, "known to stub.S");

/* With no further signal blocked. */
static inline void vs_ksigaction_set(struct vs_ksigaction *action,
				     vs_handler handler, unsigned flags)
{
	*action = (struct vs_ksigaction){.handler = handler, .flags = flags};
#if VS_SIGACTION_RESTORER
	action->flags |= VS_SA_RESTORER;
	action->restorer = vs_sa_restorer;
#endif
}

static inline bool vs_is_ignored(const struct vs_ksigaction *action)
{
	return (uintptr_t)action->handler == (uintptr_t)SIG_IGN;
}

/* Neither SIG_DFL nor SIG_IGN. */
static inline bool vs_is_handled(const struct vs_ksigaction *action)
{
	return (uintptr_t)action->handler > (uintptr_t)SIG_IGN;
}

/* Either may be NULL. Fails, and is ignored, for a number that is no signal. */
static inline long vs_sigaction(int sig, const struct vs_ksigaction *act,
				struct vs_ksigaction *old)
{
	return vs_sys(SYS_rt_sigaction, sig, act, old, VS_KSIGSET_SIZE);
}

/* The caller is a handler on its thread's alternate stack. */
static inline bool vs_on_signal_stack(void)
{
	stack_t stack;

	return !vs_sys(SYS_sigaltstack, NULL, &stack) &&
	       stack.ss_flags & SS_ONSTACK;
}

/* Last in our handlers, where returning to the kernel's own code would be a
 * trapped system call. */
static inline void vs_handler_end(const void *context)
{
#if !VS_SIGACTION_RESTORER
	vs_sigreturn(context);
#else
	(void)context;
#endif
}

#endif
