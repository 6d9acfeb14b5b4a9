/* SPDX-License-Identifier: MIT
 * x86-64: what the transactional fork needs. See ../port.h. */
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
#define VS_AUDIT_ARCH AUDIT_ARCH_X86_64

/* Numbers of registers in call frame information. */
#define VS_DWARF_FP 6
#define VS_DWARF_SP 7
#define VS_DWARF_RA 16

static inline void vs_ctx_args(const ucontext_t *uc, long args[6])
{
	const greg_t *reg = uc->uc_mcontext.gregs;

	args[0] = reg[REG_RDI];
	args[1] = reg[REG_RSI];
	args[2] = reg[REG_RDX];
	args[3] = reg[REG_R10];
	args[4] = reg[REG_R8];
	args[5] = reg[REG_R9];
}

static inline void vs_ctx_result(ucontext_t *uc, long result)
{
	uc->uc_mcontext.gregs[REG_RAX] = result;
}

/* `syscall` is two bytes long; RAX still holds the number when it traps. */
static inline void vs_ctx_again(ucontext_t *uc)
{
	uc->uc_mcontext.gregs[REG_RIP] -= 2;
}

static inline uintptr_t vs_ctx_sp(const ucontext_t *uc)
{
	return (uintptr_t)uc->uc_mcontext.gregs[REG_RSP];
}

/* The handler's return has popped the restorer's address: RSP is at the
 * ucontext, the second member of the kernel's struct rt_sigframe. */
static inline ucontext_t *vs_ctx_sigframe(const ucontext_t *uc)
{
	return (ucontext_t *)uc->uc_mcontext.gregs[REG_RSP];
}

static inline uintptr_t vs_thread_pointer(void)
{
	uintptr_t tp;

	__asm__("mov %%fs:0, %0" : "=r"(tp));
	return tp;
}

/* RDSSP is a no-op on a CPU or kernel without shadow stacks. */
static inline uintptr_t vs_shadow_stack(void)
{
	uintptr_t ssp = 0;

	__asm__ volatile("rdsspq %0" : "+r"(ssp));
	return ssp;
}

/* Two words, below the frame's end. */
enum { VS_FRAME_FP = 0, VS_FRAME_RA = 1 };

static inline const uintptr_t *vs_entry_frame(const uintptr_t *fp,
					      uintptr_t cfa)
{
	while ((uintptr_t)(fp + 2) < cfa)
		fp = (const uintptr_t *)fp[VS_FRAME_FP];
	return (uintptr_t)(fp + 2) == cfa ? fp : 0;
}

#define VS_RSEQ_SIGNATURE 0x53053053

#endif
