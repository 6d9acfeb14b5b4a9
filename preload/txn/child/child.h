/* SPDX-License-Identifier: MIT
 *
 * The speculative child: supervised from the clone to its exec. It runs in a
 * process of its own (no memory is shared but vs_txn.page and the call site's
 * record), but its memory is full of lazy ranges: raw system calls and our own
 * data only.
 */
#ifndef VS_CHILD_H
#define VS_CHILD_H

#include <signal.h>
#include <stdbool.h>
#include <stdint.h>

#include "kernel/ksignal.h"
#include "stats/stats.h"

/* First thing after the clone, still on the handler's stack. `mask`, the action
 * of SIGSYS and the alternate stack are what the application believes to have;
 * on_sigsys() goes on being the handler of SIGSYS. */
void vs_child_start(uint64_t mask, const struct vs_ksigaction *sigsys,
		    const stack_t *altstack, vs_handler on_sigsys);

/* Undoes everything: nothing that anyone else can see has happened, the child
 * leaves, and the parent makes a native one. `detail` is the system call's
 * number for VS_UNDONE_SYSCALL and VS_UNDONE_MEMORY_CALL, else unused. */
_Noreturn void vs_child_rollback(enum vs_why_undone why, long detail);

/* Rolls back, for a signal that has been delivered here: it is for the child
 * that takes this one's place, but for one of its own timers. */
_Noreturn void vs_child_pass_on(const siginfo_t *info);

/* Makes [addr, addr + len) readable and writable where it is lazy. */
void vs_child_want(uintptr_t addr, uintptr_t len);

/* A SIGSYS that is not a trap: its time is over, or somebody has sent it, or it
 * is nothing we know. */
_Noreturn void vs_child_on_sigsys(const siginfo_t *info);

/* A trapped rt_sigreturn: from the handler of the application in which fork()
 * was called. */
void vs_child_sigreturn(ucontext_t *uc);

#endif
