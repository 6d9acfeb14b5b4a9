/* SPDX-License-Identifier: MIT
 * Between the files that read the mappings. */
#ifndef VS_PROC_INTERNAL_H
#define VS_PROC_INTERNAL_H

#include "kernel/proc/maps.h"

/* Bytes of what is taken for a guard below a stack: glibc's default is a page,
 * programs ask for more. */
enum { VS_GUARD_MAX = 1 << 16 };

/* maps_text.c: the next mapping. False at the end, or if reading fails. */
bool vs_maps_next_by_text(struct vs_maps *maps, struct vs_map *map);

/* Whether the page at `addr` is a guard region, if that is known. */
bool vs_maps_guards(struct vs_maps *maps, uintptr_t addr);

#endif
