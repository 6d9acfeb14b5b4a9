/* SPDX-License-Identifier: MIT
 *
 * The writable shared mappings: what a child wrote there could not be undone.
 * The parent notes them, and the child has a copy of the list.
 */
#ifndef VS_SHARED_H
#define VS_SHARED_H

#include "base/range.h"

/* Begins anew. */
void vs_shared_none(void);

/* Adds one, above all others. Neighbours are joined, and our own are left out:
 * the child writes to them. */
void vs_shared_note(const struct vs_range *at);

/* There are more, or others, than in the list: the child has to ask the kernel.
 */
void vs_shared_more(void);
bool vs_shared_is_more(void);

/* Ascending; `i` from 0 to vs_shared_count() - 1. */
int vs_shared_count(void);
const struct vs_range *vs_shared(int i);

/* Whether any of the list is in [addr, addr + len). */
bool vs_shared_meets(uintptr_t addr, uintptr_t len);

#endif
