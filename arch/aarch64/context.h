/* SPDX-License-Identifier: MIT
 * aarch64: no transactional fork, its kernels have no Syscall User Dispatch
 * (6.12); so nothing is ever trapped. See ../port.h. */
#ifndef VS_ARCH_CONTEXT_H
#define VS_ARCH_CONTEXT_H

#include <linux/audit.h>
#include <stdbool.h>
#include <stdint.h>
#include <ucontext.h>

#define VS_ARCH_TXN   0
#define VS_ARCH_SHARE 1
#define VS_AUDIT_ARCH AUDIT_ARCH_AARCH64

/* Numbers of registers in call frame information. */
#define VS_DWARF_FP 29
#define VS_DWARF_SP 31
#define VS_DWARF_RA 30

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
	uintptr_t tp;

	__asm__("mrs %0, tpidr_el0" : "=r"(tp));
	return tp;
}

/* CHKFEAT, a hint on older CPUs, leaves a bit of x16 if there is no guarded
 * control stack; what that one's pointer is nobody wants to know. */
static inline uintptr_t vs_shadow_stack(void)
{
	register uintptr_t feature __asm__("x16") = 1;

	__asm__ volatile("hint #40" : "+r"(feature));
	return !feature;
}

/* The frame record is somewhere in the frame, below its end. */
enum { VS_FRAME_FP = 0, VS_FRAME_RA = 1 };

static inline const uintptr_t *vs_entry_frame(const uintptr_t *fp,
					      uintptr_t cfa)
{
	const uintptr_t *above = (const uintptr_t *)fp[VS_FRAME_FP];

	for (; above > fp && (uintptr_t)above < cfa;
	     above = (const uintptr_t *)fp[VS_FRAME_FP])
		fp = above;
	return (uintptr_t)fp < cfa ? fp : 0;
}

/* Of the record the first word is the address of the next one, which is at its
 * frame's beginning. */
static inline uintptr_t vs_frame_above(uintptr_t at, uintptr_t below)
{
	enum { NEAR = 1 << 16 };

	return below > at && below - at < NEAR && !(below & 15) ? below : 0;
}

/* XPACLRI, a hint on older CPUs: on x30. */
static inline uintptr_t vs_code_address(uintptr_t address)
{
	register uintptr_t lr __asm__("x30") = address;

	__asm__("hint #7" : "+r"(lr));
	return lr;
}

/* Return addresses may be signed. */
#define VS_SIGNED_CODE 1

#define VS_RSEQ_SIGNATURE 0xd428bc00

#endif
