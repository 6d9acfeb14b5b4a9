/* SPDX-License-Identifier: MIT
 *
 * Reading memory of one's own that may not be there: it is an error then, and
 * no fault. There are two ways because of what a native fork costs afterwards:
 * the kernel's copier of processes' memory pins the pages for a moment, and
 * from then on each fork of this process asks of each page whether it is pinned
 * (MMF_HAS_PINNED, Linux 5.9; 12 to 15 % dearer, for ever).
 */
#ifndef VS_READ_SELF_H
#define VS_READ_SELF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Advice of madvise(), which libc's list may lack. */
enum { VS_POPULATE_READ = 22 }; /* Linux 5.14 */

/* Whether it can be had without pinning, in this thread. */
bool vs_can_read_self(void);

/* Copies by loads, after the kernel has said that all is there and readable
 * (MADV_POPULATE_READ). For who is alone, or in vs_aside_reading(): if another
 * thread unmaps it meanwhile that is a fault. `len`, or -errno; -EINVAL: the
 * other way may have it nonetheless, as from a page with a protection key, or
 * on an older kernel. */
long vs_read_self(void *to, uintptr_t from, size_t len);

/* Copies as the kernel does for a debugger. A process may always read itself,
 * whoever it has become and whether it may be dumped (__ptrace_may_access() in
 * kernel/ptrace.c asks nobody then). The bytes up to the first page that cannot
 * be read, or -EFAULT; -ENOSYS, -EPERM where the kernel lacks the call or a
 * filter refuses it. */
long vs_read_self_pinning(void *to, uintptr_t from, size_t len);

/* Whether the latter can be had. A filter of the program's may kill for it. */
bool vs_can_read_self_pinning(void);

#endif
