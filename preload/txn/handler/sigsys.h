/* SPDX-License-Identifier: MIT
 *
 * The action of SIGSYS, which the application believes to be its own. The
 * handler belongs to the process, dispatch to a thread.
 */
#ifndef VS_SIGSYS_H
#define VS_SIGSYS_H

#include <stdbool.h>

#include "kernel/ksignal.h"
#include "kernel/sigset.h"

/* Installs `handler` if no thread has yet; removing puts back what the
 * application had after the last. All signals but SIGSYS are blocked. False if
 * that could not be put back. */
bool vs_sigsys_install(vs_handler handler);
void vs_sigsys_remove(void);

/* In the child of a native fork: puts back, whoever installed it. */
void vs_sigsys_reset(void);

/* What the application believes is installed. */
struct vs_ksigaction vs_sigsys_shadow(void);

/* What sigaction() has found for one that is apart: true if it was ours, and
 * is now what the application believes. */
bool vs_sigsys_correct(struct vs_ksigaction *action);

/* A SIGSYS that is not ours, to where it would have gone. `mask` is the virtual
 * mask of a thread that forks, else NULL. */
void vs_sigsys_forward(siginfo_t *info, void *context, uint64_t *mask);

/* Around what concerns it: what the application believes is installed, to be
 * asked and changed; or NULL: our handler is not installed, and will not be
 * before the release, so it is the kernel's to answer. Blocks all signals,
 * because one whose handler forks would wait for the lock. */
struct vs_ksigaction *vs_sigsys_hold(vs_sigset *mask);

/* The same, around a sigaction(SIGSYS) of the application. False, and nothing
 * is held: the caller is apart, not the process whose action that is, though it
 * has its memory, as a child by vfork() or clone(). That has a table of its
 * own, and in it our handler, if it was born at such a moment: what it sets is
 * the kernel's to keep, and nothing of it is its parent's. */
bool vs_sigsys_hold_own(vs_sigset *mask, struct vs_ksigaction **shadow);

void vs_sigsys_release(const vs_sigset *mask);

#endif
