/* SPDX-License-Identifier: MIT
 * By which way a call has come. */
#ifndef VS_CALLERS_H
#define VS_CALLERS_H

#include <stdint.h>

/* A number for the functions that are under way below the caller of a public
 * one, whose stack pointer is `cfa`: the same if it is called from the same
 * place by the same few callers. 0 where nothing is known beyond the return
 * address, or another thread is asking. Takes a microsecond; no locks, and no
 * system calls but harmless ones. */
uintptr_t vs_callers(uintptr_t cfa);

/* In the child of a native fork. */
void vs_callers_reset(void);

#endif
