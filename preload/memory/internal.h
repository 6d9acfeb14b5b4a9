/* SPDX-License-Identifier: MIT
 * Between the files of memory/. */
#ifndef VS_MEMORY_INTERNAL_H
#define VS_MEMORY_INTERNAL_H

#include <stdbool.h>
#include <stdint.h>

/* Before a native fork: takes away marks of ours that may have strayed. */
void vs_stray_sweep(void);

/* Takes marks of ours away from [lo, hi), where the application has none. False
 * if a part of that is not mapped. */
bool vs_app_marks_unmark_others(uintptr_t lo, uintptr_t hi);

#endif
