/* SPDX-License-Identifier: MIT
 * Where libc and the kernel keep what belongs to the calling thread. Empty or 0
 * until vs_facts_prepare(). */
#ifndef VS_PLACES_H
#define VS_PLACES_H

#include <stdint.h>

#include "base/range.h"

/* Where the calling thread's restartable sequences area is, 32 bytes that the
 * kernel writes to; empty if libc has none registered (before glibc 2.35). */
struct vs_range vs_rseq_area(void);

/* The calling thread's static TLS block, by the objects that were loaded when
 * the facts were looked up. What libc keeps beside it (struct pthread, room for
 * objects that are loaded later) is not in it. */
struct vs_range vs_tls_area(void);

/* An address near the top of the first thread's stack, above all its frames. */
uintptr_t vs_stack_top(void);

#endif
