/* SPDX-License-Identifier: MIT
 * Between the files of memory/. */
#ifndef VS_MEMORY_INTERNAL_H
#define VS_MEMORY_INTERNAL_H

#include <stdbool.h>
#include <stdint.h>

#include "memory/app_marks.h"

/* ---- stray.c ---- */

/* Before a native fork: takes away marks of ours that may have strayed. */
void vs_stray_sweep(void);

/* ---- app_marks.c ---- */

/* Takes marks of ours away from [lo, hi), where the application has none. False
 * if a part of that is not mapped. */
bool vs_app_marks_unmark_others(uintptr_t lo, uintptr_t hi);

/* ---- mark_list.c ---- */

/* What the application has marked, sorted, neighbours joined. It stays as it is
 * until the second change after that. */
const struct vs_range *vs_marks(enum vs_mark mark);
int vs_marks_count(enum vs_mark mark);

/* Index of the first range that ends after `addr`; and how many from that one
 * on begin before `hi`. */
int vs_marks_after(enum vs_mark mark, uintptr_t addr);
int vs_marks_overlap(enum vs_mark mark, int at, uintptr_t hi);

/* The latter says whether anything there was marked. */
void vs_marks_add(enum vs_mark mark, uintptr_t lo, uintptr_t hi);
bool vs_marks_remove(enum vs_mark mark, uintptr_t lo, uintptr_t hi);

#endif
