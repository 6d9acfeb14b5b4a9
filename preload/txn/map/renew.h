/* SPDX-License-Identifier: MIT
 *
 * The lazy ranges of an earlier transaction (parts.h), and what the parent has
 * there now. Nothing tells when a map changes: the program may change it by
 * system calls of its own, and so does libc. So the kernel is asked, about
 * these ranges only, which is a fraction of what it takes to read the whole map
 * and to find out what may be lazy.
 */
#ifndef VS_RENEW_H
#define VS_RENEW_H

#include "kernel/proc/maps.h"

/* Bytes of a mapping that may be lazy. Smaller ones may be what the kernel
 * wipes in a child without our knowing: the state of getrandom(), which glibc
 * keeps in pages of its own since 2.41 (MAP_DROPPABLE). */
enum { VS_LEAST_LAZY = 1 << 16 };

/* With more parts than this a new list is as cheap. */
enum { VS_RENEW_PARTS = 128 };

/* What a part of such a mapping is: VS_PART_*. */
unsigned vs_part_flags(const struct vs_map *map);

/* Writes the parts anew. What is no plain memory is put down as such that
 * cannot be touched: a child that does is rolled back. False, with a list that
 * is of no use, if there is any, or a gap, and `strict`, or if there is too
 * much. */
bool vs_renew_parts(const struct vs_maps *maps, bool strict);

/* Notes the shared mappings anew (shared.h). */
void vs_renew_shared(struct vs_maps *maps);

#endif
