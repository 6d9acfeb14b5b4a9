/* SPDX-License-Identifier: MIT
 * riscv64: what the transactional fork needs (seen with Linux 7.2). See
 * ../port.h. */
#ifndef VS_ARCH_CONTEXT_H
#define VS_ARCH_CONTEXT_H

#include <linux/audit.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <ucontext.h>

#include "../unsigned.h"

#define VS_ARCH_TXN   1
#define VS_ARCH_SHARE 1
#define VS_AUDIT_ARCH AUDIT_ARCH_RISCV64

/* Numbers of registers in call frame information. */
#define VS_DWARF_FP 8
#define VS_DWARF_SP 2
#define VS_DWARF_RA 1

static inline void vs_ctx_args(const ucontext_t *uc, long args[6])
{
	for (int i = 0; i < 6; i++)
		args[i] = (long)uc->uc_mcontext.__gregs[REG_A0 + i];
}

static inline void vs_ctx_result(ucontext_t *uc, long result)
{
	uc->uc_mcontext.__gregs[REG_A0] = (unsigned long)result;
}

/* `ecall` is four bytes long, and never compressed. */
static inline void vs_ctx_again(ucontext_t *uc)
{
	uc->uc_mcontext.__gregs[REG_PC] -= 4;
}

static inline uintptr_t vs_ctx_sp(const ucontext_t *uc)
{
	return (uintptr_t)uc->uc_mcontext.__gregs[REG_SP];
}

/* The second member of the kernel's struct rt_sigframe, which is at sp. */
static inline ucontext_t *vs_ctx_sigframe(const ucontext_t *uc)
{
	return (ucontext_t *)(vs_ctx_sp(uc) + sizeof(siginfo_t));
}

static inline uintptr_t vs_thread_pointer(void)
{
	uintptr_t tp;

	__asm__("mv %0, tp" : "=r"(tp));
	return tp;
}

static inline uintptr_t vs_shadow_stack(void)
{
	return 0;
}

/* Two words at the frame's end, to which the frame pointer points. */
enum { VS_FRAME_FP = -2, VS_FRAME_RA = -1 };

static inline const uintptr_t *vs_entry_frame(const uintptr_t *fp,
					      uintptr_t cfa)
{
	while ((uintptr_t)fp < cfa)
		fp = (const uintptr_t *)fp[VS_FRAME_FP];
	return (uintptr_t)fp == cfa ? fp : 0;
}

#define VS_RSEQ_SIGNATURE 0xf1401073

#endif
