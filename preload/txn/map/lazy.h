/* SPDX-License-Identifier: MIT
 *
 * The lazy ranges: stretches of address space without a gap that the child of a
 * transaction does not copy, as parts.h has them. Raw system calls only.
 */
#ifndef VS_LAZY_H
#define VS_LAZY_H

#include <stdbool.h>
#include <stdint.h>

#include "base/range.h"

/* Ascending; `i` from 0 to vs_lazy_count() - 1. */
int vs_lazy_count(void);
struct vs_range vs_lazy(int i);

/* The index of the first range that ends above `addr`. */
int vs_lazy_above(uintptr_t addr);

/* Whether one of them has any of [addr, addr + len). */
bool vs_lazy_meets(uintptr_t addr, uintptr_t len);

/* Takes the i-th off the list. */
void vs_lazy_drop(int i);

/* Whether a part of the i-th range has one of these flags. */
bool vs_lazy_has(int i, unsigned flags);

#endif
