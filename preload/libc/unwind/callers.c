/* SPDX-License-Identifier: MIT
 * See callers.h. */
#include "libc/unwind/callers.h"

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>

#include "base/compiler.h"
#include "base/range.h"
#include "kernel/sigmask.h"
#include "libc/unwind/unwind.h"
#include "port.h"

#if VS_ARCH_SHARE

/* Return addresses beyond the first. GLib's fork() has two functions between it
 * and what the program has called. */
enum { CALLERS = 3 };

/* Bytes of stack that are looked at. */
enum { REACH = 4 * VS_PAGE };

static struct vs_unwind_cache cache VS_BIG;
static _Atomic int busy VS_HOT; /* not every CPU has atomic bytes */

/* The stack may be any, of a coroutine, too. */
static uintptr_t readable_end(uintptr_t sp)
{
	uintptr_t end = (sp | (VS_PAGE - 1)) + 1;

	while (end - sp < REACH && vs_readable(end))
		end += VS_PAGE;
	return end;
}

/* By a multiplier of 32 bits, which every CPU has. */
static uintptr_t mix(uintptr_t number, uintptr_t pc)
{
	return (number ^ number >> 15) * 2654435761U + pc;
}

uintptr_t vs_callers(uintptr_t cfa)
{
	const uintptr_t *fp = __builtin_frame_address(0);
	struct vs_frame frame = {.sp = cfa};
	uintptr_t number;

	fp = vs_entry_frame(fp, cfa);
	if (!fp || atomic_exchange(&busy, 1))
		return 0;
	frame.fp = fp[VS_FRAME_FP];
	frame.pc = vs_code_address(fp[VS_FRAME_RA]);
	frame.top = readable_end(cfa);
	number = frame.pc;
	for (int i = 0; i < CALLERS && vs_unwind(&frame, &cache); i++)
		number = mix(number, frame.pc);
	atomic_store(&busy, 0);
	return number;
}

void vs_callers_reset(void)
{
	atomic_store(&busy, 0);
}

#else

uintptr_t vs_callers(uintptr_t cfa)
{
	(void)cfa;
	return 0;
}

void vs_callers_reset(void)
{
}

#endif
