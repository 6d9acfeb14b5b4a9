/* SPDX-License-Identifier: MIT
 * What the application itself has marked MADV_DONTFORK or MADV_WIPEONFORK. */
#ifndef VS_MARKED_H
#define VS_MARKED_H

#include <stdbool.h>
#include <stdint.h>

void vs_marked_add(uintptr_t lo, uintptr_t hi);
/* Whether anything was. */
bool vs_marked_remove(uintptr_t lo, uintptr_t hi);

/* Whether anything in [lo, hi) is. */
bool vs_marked(uintptr_t lo, uintptr_t hi);

/* There was more than can be remembered. */
bool vs_marked_overflow(void);

/* In the child of a true fork. */
void vs_marked_reset(void);

#endif
