/* SPDX-License-Identifier: MIT
 *
 * Syscall User Dispatch (Linux 5.11, kernel/entry/syscall_user_dispatch.c):
 * every system call of the calling thread that is not made from this library's
 * text raises SIGSYS. It is not inherited by fork or clone, and gone after
 * exec. The handler is the caller's business. Raw system calls only.
 */
#ifndef VS_DISPATCH_H
#define VS_DISPATCH_H

#include <stdbool.h>

/* linux/prctl.h, in headers older than Linux 5.11 */
enum { VS_PR_SET_SYSCALL_USER_DISPATCH = 59 };

/* si_code of such a SIGSYS; linux/signal.h has it as SYS_USER_DISPATCH. */
enum { VS_SYS_USER_DISPATCH = 2 };

/* Whether the kernel has it and nothing refuses it. Asked once, then kept. Not
 * to be called where the application has set up its own, which a 32-bit process
 * on a 64-bit kernel would lose. */
bool vs_dispatch_usable(void);

/* For the calling thread. 0 or -errno. */
int vs_dispatch_on(void);
void vs_dispatch_off(void);

#endif
