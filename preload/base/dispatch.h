/* SPDX-License-Identifier: MIT
 *
 * Syscall User Dispatch (Linux 5.11): every system call of the calling thread
 * that is not made from our own text raises SIGSYS, with si_code
 * SYS_USER_DISPATCH. Not inherited by fork or clone, gone after exec. The
 * handler is the caller's business. Raw system calls only.
 */
#ifndef VS_DISPATCH_H
#define VS_DISPATCH_H

#include <stdbool.h>

/* The kernel has it and nothing refuses it. Asked once, then kept. Not where
 * the application has set up its own, which a 32-bit process on a 64-bit kernel
 * would lose. */
bool vs_dispatch_usable(void);

/* For the calling thread. 0 or -errno. */
int vs_dispatch_on(void);
void vs_dispatch_off(void);

#endif
