/* SPDX-License-Identifier: MIT
 * What sigaction() is given, as libc has it and as the kernel does. */
#ifndef VS_ENTRY_FAST_SIGACTION_H
#define VS_ENTRY_FAST_SIGACTION_H

#include <signal.h>
#include <string.h>

#include "kernel/ksignal.h"

static inline void vs_action_to_kernel(const struct sigaction *act,
				       struct vs_ksigaction *k)
{
	vs_ksigaction_set(k, act->sa_sigaction, (unsigned)act->sa_flags);
#if !VS_LIBC_RESTORER
	k->flags = (unsigned)act->sa_flags;
#endif
	memcpy(&k->mask, &act->sa_mask, sizeof(k->mask));
}

static inline void vs_action_to_libc(const struct vs_ksigaction *k,
				     struct sigaction *old)
{
	old->sa_sigaction = k->handler;
	old->sa_flags = (int)k->flags;
#if VS_LIBC_RESTORER
	old->sa_restorer = k->restorer;
#endif
	sigemptyset(&old->sa_mask);
	memcpy(&old->sa_mask, &k->mask, sizeof(k->mask));
}

/* ---- sigsys.c ---- */

/* sigaction(SIGSYS, ...) in a process that is not provisional, or in a child
 * that has its memory and its handlers apart: its result, with errno. */
int vs_action_of_sigsys(const struct sigaction *act, struct sigaction *old);

#endif
