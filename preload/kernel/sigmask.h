/* SPDX-License-Identifier: MIT
 * Which signals the calling thread blocks. Raw system calls only. */
#ifndef VS_SIGMASK_H
#define VS_SIGMASK_H

#include "kernel/sigset.h"

static inline void vs_block_all(vs_sigset *old)
{
	vs_sigset all;

	vs_sigset_fill(&all);
	vs_sys(SYS_rt_sigprocmask, SIG_SETMASK, &all, old, VS_KSIGSET_SIZE);
}

/* All but SIGSYS: where a filter of the program's traps a call, the kernel
 * kills who has that blocked, and takes the handler away. */
static inline void vs_block_most(vs_sigset *old)
{
	vs_sigset most;

	vs_sigset_fill(&most);
	vs_sigset_remove(&most, SIGSYS);
	vs_sys(SYS_rt_sigprocmask, SIG_BLOCK, &most, old, VS_KSIGSET_SIZE);
}

/* Back to what either of them has told. */
static inline void vs_unblock(const vs_sigset *old)
{
	vs_sys(SYS_rt_sigprocmask, SIG_SETMASK, old, NULL, VS_KSIGSET_SIZE);
}

/* Whether the 8 bytes there, not at NULL, can be read. rt_sigprocmask reads the
 * set (kernel/signal.c), and only then finds that there is no operation -1. */
static inline bool vs_readable(uintptr_t addr)
{
	return vs_sys(SYS_rt_sigprocmask, -1, addr, NULL, VS_KSIGSET_SIZE) !=
	       -EFAULT;
}

#endif
