/* SPDX-License-Identifier: MIT
 * Sets of signals as the kernel has them, where libc's type is larger. */
#ifndef VS_SIGSET_H
#define VS_SIGSET_H

#include <errno.h>
#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "port.h"

/* The kernel's count of signals: 64, or 128 on MIPS. libc's may leave out the
 * last. */
#define VS_KSIGNAL_MAX	((_NSIG + 62) / 64 * 64)
#define VS_KSIGSET_SIZE ((long)VS_KSIGNAL_MAX / 8)

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

#endif
