/* SPDX-License-Identifier: MIT
 *
 * Frames of a stack, from the call frame information that compilers put into
 * every object's .eh_frame for exceptions and debuggers. Only as much of it as
 * is needed to find where frames end; what is written by hand, or made at run
 * time, ends the walk. No allocation.
 */
#ifndef VS_UNWIND_H
#define VS_UNWIND_H

#include <stdbool.h>
#include <stdint.h>

/* An object, from its first segment to its last. */
struct vs_text {
	uintptr_t start, end;
	const unsigned char *hdr; /* its .eh_frame_hdr or NULL */
};

/* How to get from a place in the code to its caller's frame. */
struct vs_unwind_rule {
	uintptr_t pc;
	uint64_t code; /* that was before pc then: objects come and go */
	struct vs_text text;
	bool by_fp;	     /* the frame ends at this distance from the */
	intptr_t cfa_offset; /* frame pointer, or the stack pointer */
	intptr_t fp_offset;  /* from there to the caller's frame pointer */
	intptr_t ra_offset;  /* and to the return address */
	bool fp_saved, fp_lost;
};

/* Rules of the last few places, because to read them where they are costs a
 * cache miss each. To be used by one thread at a time; zero at first. */
enum { VS_UNWIND_CACHE = 16 };

struct vs_unwind_cache {
	struct vs_unwind_rule rule[VS_UNWIND_CACHE];
};

/* A function that has made a call: where it goes on, with which stack and
 * frame pointers. */
struct vs_frame {
	uintptr_t pc, sp, fp;
	uintptr_t top;	     /* where the stack ends: never read above */
	uintptr_t ra_at;     /* where pc was found */
	struct vs_text text; /* of the function that was left */
};

/* To the caller, whose stack pointer is where the frame that is left ended.
 * False, the frame unchanged, if that is not known. */
bool vs_unwind(struct vs_frame *frame, struct vs_unwind_cache *cache);

/* Is `pc` in a function of this object, but not its start? */
bool vs_within_function(const struct vs_text *text, uintptr_t pc);

#endif
