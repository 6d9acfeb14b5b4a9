/* SPDX-License-Identifier: MIT
 * The world, between the files that make it. */
#ifndef FUZZ_WORLD_H
#define FUZZ_WORLD_H

#include "fuzz.h"

enum area_name {
	HEAP,
	DENSE,
	SMALL,
	LOWER,
	FIXED,
	UPPER,
	CLOSED,
	PUBLIC,
	VICTIM,
	ALTERNATE, /* a signal stack */
	BSS,
	DATA,
};

enum { STACK_ROOM = 1 << 16 };

/* On the stack of who runs steps. */
extern char *stack_room;

/* A child to be made, and what came of it. */
extern struct round {
	uint64_t seed;
	int phase;
	unsigned how;
	pid_t pid;
	int error;
} round_now;

void make_child(struct rng *r, bool plain);
_Noreturn void run_child(uint64_t seed, int phase);

void make_memory(uint64_t seed);
char *alternate_stack(size_t *size);
void clean_up(void); /* what a child that shares memory has left */
void make_files(void);
void open_files(struct rng *r);
void remove_files(void);

#endif
