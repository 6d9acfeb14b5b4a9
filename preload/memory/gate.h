/* SPDX-License-Identifier: MIT
 * True forks and marked memory exclude each other. Raw system calls only;
 * to be used with all signals blocked, or by a handler that may nest. */
#ifndef VS_GATE_H
#define VS_GATE_H

#include <stdbool.h>

/* Around everything that may copy this process without marking its memory.
 * Waits until no memory is marked. Nests. */
void vs_gate_enter_true_fork(void);
void vs_gate_leave_true_fork(void);

/* Around marked memory. False, at once, while a true fork is under way. */
bool vs_gate_enter_txn(void);
void vs_gate_leave_txn(void);

/* In the child of a true fork. */
void vs_gate_reset(void);

#endif
