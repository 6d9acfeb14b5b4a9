/* SPDX-License-Identifier: MIT
 * The handler of SIGSYS and the stack it runs on, for as long as some thread
 * has dispatch on. */
#ifndef VS_SIGSYS_H
#define VS_SIGSYS_H

#include <signal.h>
#include <stdbool.h>

#include "base/ksignal.h"

/* Install vs_txn_on_sigsys() if no thread has yet, and put back what the
 * application had after the last. All signals but SIGSYS are blocked. False if
 * that could not be put back. */
bool vs_sigsys_install(void);
void vs_sigsys_remove(void);

/* In the child of a true fork: put back, whoever installed it. */
void vs_sigsys_reset(void);

/* What the application believes is installed. */
const struct vs_ksigaction *vs_sigsys_shadow(void);

/* Around a sigaction(SIGSYS) of the application: the shadow, which is to be
 * asked and changed, or NULL: ours is not installed, and will not be before the
 * release, so it is the kernel's to answer. Blocks all signals: one whose
 * handler forks would wait for the lock. */
struct vs_ksigaction *vs_sigsys_hold(vs_sigset *mask);
void vs_sigsys_release(const vs_sigset *mask);

/* A SIGSYS that is not ours, to where it would have gone. */
void vs_sigsys_forward(int sig, siginfo_t *info, void *context);

/* A stack from a small pool; false if all are in use. */
bool vs_stack_claim(stack_t *stack);
void vs_stack_release(const stack_t *stack);
void vs_stack_reset(void);

#endif
