/* SPDX-License-Identifier: MIT
 * Memory of every sort, for calls on it. */
#ifndef FUZZ_REGIONS_H
#define FUZZ_REGIONS_H

#include "scenes/scene.h"

/* Some more for what is moved away. */
enum { REGIONS = 20, MOVED = 8 };

extern struct region {
	const char *name;
	char *at;
	size_t size;
} regions[REGIONS + MOVED];

/* `stack` is on the stack of who calls it, and stays there. */
void make_regions(uint64_t seed, char *stack, size_t size);

/* A part of it has been moved. */
void add_region(char *at, size_t size);

/* Room to move it to. */
char *away(const struct region *region);

struct region *any_region(struct rng *r);

/* A range of one, in pages mostly. */
char *any_range(struct rng *r, const struct region *region, size_t *size);

/* Of what is in so many pages of it; of all pages of all of them. What cannot
 * be read is so much. */
uint64_t look_at(struct rng *r, const struct region *region, unsigned pages);
uint64_t hash_regions(void);

/* A byte; which signal that led to. */
int write_to(char *at);

/* ---- acts.c ---- */

/* Only what a transaction may survive. */
extern bool gentle;

/* One call on a part of one of them, which can be left out, and what is there
 * now. */
void act_on_memory(uint64_t seed, int number);

#endif
