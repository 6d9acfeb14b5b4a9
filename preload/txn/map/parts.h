/* SPDX-License-Identifier: MIT
 *
 * What the child of a transaction does not copy: lazy ranges, stretches of
 * address space without a gap, and the parent's mappings that they consist of.
 * The parent writes it down before the clone, in memory that both see, because
 * a copy would cost the child a page table; it is the parent's map as of then.
 * One is under way at a time. Raw system calls only.
 */
#ifndef VS_PARTS_H
#define VS_PARTS_H

#include <stdbool.h>
#include <stdint.h>

#include "txn/map/lazy.h"

/* By number. Each lazy range costs three system calls. A process may have more
 * mappings (vm.max_map_count, 65530 unless somebody has set it); the list
 * counts as its memory, where that has a limit. */
enum { VS_MAX_LAZY = 1024, VS_MAX_PARTS = 16384 };

/* Of a part: its protection as in sys/mman.h, and what it is; a private mapping
 * without a file, if neither. Without any it is memory that cannot be touched.
 */
enum { VS_PART_PROT = 7, VS_PART_FILE = 8, VS_PART_SHARED = 16 };

struct vs_part {
	struct vs_range at;
	unsigned flags;
};

/* What parent and child share of it. */
struct vs_parts_list {
	struct vs_parts_range {
		struct vs_range at;
		unsigned first, end; /* its parts */
	} range[VS_MAX_LAZY];
	uint32_t part[VS_MAX_PARTS];
};

/* The parent: begins anew, in *list, with ranges of `least` bytes and more. */
void vs_parts_begin(struct vs_parts_list *list, uintptr_t least);

/* Adds a part, above all others. What cannot be touched is only taken between
 * two that can. When the list of ranges is full small ones are dropped; when
 * that of parts is, what follows is not taken. */
void vs_parts_add(uintptr_t lo, uintptr_t hi, unsigned flags);

/* The range that is being added ends here. */
void vs_parts_end_range(void);

/* Writes the parts anew, of ranges that stay as they are: to the i-th is added
 * what begins at `lo`, up to the next, in ascending order from the first
 * range's first part on. False if there is no room, or it is too far from the
 * range's beginning. The child may, too: its parent only looks at what it
 * demands. */
bool vs_parts_renew(int i, uintptr_t lo, unsigned flags);

/* Makes the i-th range no more than `within`, at an end where what is taken off
 * is less than the part there. */
void vs_parts_trim(int i, struct vs_range within);

/* How many parts there are. */
unsigned vs_parts_count(void);

/* The first part that ends above `addr`. False if there is none. */
bool vs_parts_above(uintptr_t addr, struct vs_part *part);

/* The list is no more. */
void vs_parts_forget(void);

#endif
