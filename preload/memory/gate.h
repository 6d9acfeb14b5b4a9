/* SPDX-License-Identifier: MIT
 *
 * Native forks and memory marked MADV_DONTFORK exclude each other: a process
 * copied while a transaction has its big mappings marked would lack them. Raw
 * system calls only; to be used with all signals blocked, or by a handler that
 * may nest.
 */
#ifndef VS_GATE_H
#define VS_GATE_H

#include <stdbool.h>
#include <stdint.h>

/* Around everything that may copy this process without marking its memory.
 * Waits, some tens of milliseconds at most, until no memory is marked, and then
 * takes away marks that have strayed. Nests. */
void vs_gate_enter_native(void);
void vs_gate_leave_native(void);

/* The same in a handler, for the fork that it has interrupted: a frame of that.
 */
void vs_gate_enter_native_at(uintptr_t frame);

/* At the beginning of a fork whose caller's stack pointer is `sp`. A handler
 * may have left an earlier fork of this thread by siglongjmp(), so that it has
 * not left the gate: it does now. */
void vs_gate_recover(uintptr_t sp);

/* Around marked memory. False, at once, while a native fork is under way. */
bool vs_gate_enter_txn(void);

/* Sleeps for a moment if there is one, of another thread; false if not. */
bool vs_gate_wait(void);

void vs_gate_leave_txn(void);

/* Leaves, and enters for a native fork, with no transaction between. */
void vs_gate_txn_to_native(void);

/* In the child of a native fork. */
void vs_gate_reset(void);

/* Before leaving: marks have been taken away again. Another thread's mremap()
 * may have carried some elsewhere; `lost`: taking one away has failed, so it
 * has. */
void vs_gate_unmarked(bool lost);

#endif
