/* SPDX-License-Identifier: MIT
 * What .eh_frame says of one place in a function. */
#ifndef VS_UNWIND_RULES_H
#define VS_UNWIND_RULES_H

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

/* Tables are not aligned. */
static inline uint32_t vs_u32(const unsigned char *at)
{
	uint32_t value;

	memcpy(&value, at, sizeof(value));
	return value;
}

/* Where the frame ends, and where the caller's frame pointer and the return
 * address are. */
struct vs_unwind_rules {
	uintptr_t cfa_reg;
	intptr_t cfa_offset;
	intptr_t fp_offset; /* from the end */
	bool fp_saved;	    /* or else still in its register */
	bool fp_lost;	    /* only an expression could tell */
	intptr_t ra_offset; /* where the return address is, from the end */
	bool ra_saved;	    /* or else it is nowhere that is known */
	bool unknown;	    /* where the frame ends */
};

/* The rules at `pc` in the function that starts at `start`, whose entry in
 * .eh_frame is `fde`. False if they cannot be understood. */
bool vs_unwind_rules(const unsigned char *fde, uintptr_t start, uintptr_t pc,
		     struct vs_unwind_rules *rules);

#endif
