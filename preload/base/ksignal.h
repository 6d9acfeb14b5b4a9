/* SPDX-License-Identifier: MIT
 * Signals as the kernel has them, where libc's types are larger or hidden. */
#ifndef VS_KSIGNAL_H
#define VS_KSIGNAL_H

#include <errno.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <ucontext.h>

#include "port.h"

/* libc's count may leave out the last. */
#define VS_KSIGNAL_MAX	((_NSIG + 62) / 64 * 64)
#define VS_KSIGSET_SIZE (VS_KSIGNAL_MAX / 8L)

enum { VS_WORD_BITS = 8 * (int)sizeof(long) };

typedef struct {
	unsigned long word[VS_KSIGNAL_MAX / VS_WORD_BITS];
} vs_sigset;

static inline bool vs_sigset_has(const vs_sigset *set, int sig)
{
	return set->word[(sig - 1) / VS_WORD_BITS] >> (sig - 1) % VS_WORD_BITS &
	       1;
}

static inline void vs_sigset_add(vs_sigset *set, int sig)
{
	set->word[(sig - 1) / VS_WORD_BITS] |= 1UL << (sig - 1) % VS_WORD_BITS;
}

static inline void vs_sigset_remove(vs_sigset *set, int sig)
{
	set->word[(sig - 1) / VS_WORD_BITS] &=
		~(1UL << (sig - 1) % VS_WORD_BITS);
}

static inline void vs_sigset_fill(vs_sigset *set)
{
	for (unsigned i = 0; i < sizeof(set->word) / sizeof(*set->word); i++)
		set->word[i] = ~0UL;
}

/* Where a transaction is possible there are 64 signals, and a word of 64 bits
 * is in memory what the kernel has. */
#define VS_SIGBIT(sig) (1ULL << ((sig)-1))
#define VS_ALL_SIGNALS (~0ULL)

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

/* Whether the 8 bytes there, not at NULL, can be read: the kernel reads the
 * set, then finds that there is no such operation. */
static inline bool vs_readable(uintptr_t addr)
{
	return vs_sys(SYS_rt_sigprocmask, -1, addr, NULL, VS_KSIGSET_SIZE) !=
	       -EFAULT;
}

#endif
