/* SPDX-License-Identifier: MIT
 * The action of SIGSYS, which the application believes to be its own. */
#ifndef VS_SIGSYS_H
#define VS_SIGSYS_H

#include "kernel/ksignal.h"

/* Around a sigaction(SIGSYS) of the application: what it believes is installed,
 * to be asked and changed; or NULL: our handler is not installed, and will not
 * be before the release, so it is the kernel's to answer. Blocks all signals,
 * because one whose handler forks would wait for the lock. */
struct vs_ksigaction *vs_sigsys_hold(vs_sigset *mask);
void vs_sigsys_release(const vs_sigset *mask);

#endif
