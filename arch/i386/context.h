/* SPDX-License-Identifier: MIT
 * i386: what the transactional fork needs. See ../port.h. */
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
#define VS_AUDIT_ARCH AUDIT_ARCH_I386

/* Numbers of registers in call frame information. */
#define VS_DWARF_FP 5
#define VS_DWARF_SP 4
#define VS_DWARF_RA 8

static inline void vs_ctx_args(const ucontext_t *uc, long args[6])
{
	const greg_t *reg = uc->uc_mcontext.gregs;

	args[0] = reg[REG_EBX];
	args[1] = reg[REG_ECX];
	args[2] = reg[REG_EDX];
	args[3] = reg[REG_ESI];
	args[4] = reg[REG_EDI];
	args[5] = reg[REG_EBP];
}

static inline void vs_ctx_result(ucontext_t *uc, long result)
{
	uc->uc_mcontext.gregs[REG_EAX] = result;
}

/* `int $0x80` is two bytes long. The vDSO has one, too, where its sysenter
 * comes back to; the kernel has all the arguments in their registers then. */
static inline void vs_ctx_again(ucontext_t *uc)
{
	uc->uc_mcontext.gregs[REG_EIP] -= 2;
}

static inline uintptr_t vs_ctx_sp(const ucontext_t *uc)
{
	return (uintptr_t)uc->uc_mcontext.gregs[REG_ESP];
}

/* Of the kernel's struct rt_sigframe the handler's return has popped the
 * restorer's address: three words and a siginfo_t are before the ucontext. */
static inline ucontext_t *vs_ctx_sigframe(const ucontext_t *uc)
{
	return (ucontext_t *)(vs_ctx_sp(uc) + 3 * sizeof(long) +
			      sizeof(siginfo_t));
}

static inline uintptr_t vs_thread_pointer(void)
{
	uintptr_t tp;

	__asm__("mov %%gs:0, %0" : "=r"(tp));
	return tp;
}

static inline uintptr_t vs_shadow_stack(void)
{
	return 0;
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
