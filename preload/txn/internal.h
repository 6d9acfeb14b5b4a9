/* SPDX-License-Identifier: MIT
 * One vs_txn_fork() under way, between the txn*.c files of the parent. */
#ifndef VS_TXN_CALL_H
#define VS_TXN_CALL_H

#include "txn/txn.h"

/* On its caller's stack. */
struct vs_txn_call {
	uint64_t mask; /* the application's, as its fork handlers see it */
	stack_t altstack;
	bool tried;	 /* the clone has come */
	bool abandoned;	 /* dispatch is off already, the gate is ours */
	siginfo_t early; /* a SIGSYS that the application blocks */
	struct vs_txn_outcome *outcome;
	struct vs_site *site;
};

/* The calling thread's, or NULL. */
extern __thread struct vs_txn_call *vs_txn_calling
	__attribute__((tls_model("initial-exec")));

/* ---- txn_clone.c ---- */

/* The clone that libc asked for, as a transaction; if that is not possible or
 * is rolled back, as asked. `sp` is the application's stack pointer. */
long vs_txn_clone(const long args[6], uintptr_t sp);
long vs_txn_clone_as_asked(const long args[6]);

/* ---- txn_trap.c ---- */

/* The thread's real mask while dispatch is on. */
uint64_t vs_txn_real_mask(void);

#endif
