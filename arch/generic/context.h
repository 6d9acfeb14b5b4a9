/* SPDX-License-Identifier: MIT
 * A CPU on which fork() is libc's. What follows is never called. */
#ifndef VS_ARCH_CONTEXT_H
#define VS_ARCH_CONTEXT_H

#include <stdbool.h>
#include <stdint.h>
#include <ucontext.h>

#include "../unsigned.h"

#define VS_ARCH_TXN   0
#define VS_ARCH_SHARE 0
#define VS_AUDIT_ARCH 0
#define VS_DWARF_FP   0
#define VS_DWARF_SP   0
#define VS_DWARF_RA   0

static inline void vs_ctx_args(const ucontext_t *uc, long args[6])
{
	(void)uc;
	for (int i = 0; i < 6; i++)
		args[i] = 0;
}

static inline void vs_ctx_result(ucontext_t *uc, long result)
{
	(void)uc;
	(void)result;
}

static inline void vs_ctx_again(ucontext_t *uc)
{
	(void)uc;
}

static inline uintptr_t vs_ctx_sp(const ucontext_t *uc)
{
	(void)uc;
	return 0;
}

static inline ucontext_t *vs_ctx_sigframe(const ucontext_t *uc)
{
	return (ucontext_t *)uc;
}

static inline uintptr_t vs_thread_pointer(void)
{
	return 0;
}

static inline uintptr_t vs_shadow_stack(void)
{
	return 0;
}

enum { VS_FRAME_FP, VS_FRAME_RA };

static inline const uintptr_t *vs_entry_frame(const uintptr_t *fp,
					      uintptr_t cfa)
{
	(void)cfa;
	return fp;
}

#define VS_RSEQ_SIGNATURE 0

#endif
