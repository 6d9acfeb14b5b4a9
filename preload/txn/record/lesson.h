/* SPDX-License-Identifier: MIT
 *
 * What native forks teach: what they cost in this process, and whether their
 * children exec. Made around one that libc makes in the end; the engines' own
 * business apart, this is all that the entry points know of prices.
 */
#ifndef VS_LESSON_H
#define VS_LESSON_H

#include <stdbool.h>
#include <stdint.h>

#include "txn/record/price.h"

/* Of one call of fork(), on its caller's stack, which the child has a copy of.
 * Without an account nothing is to be learned. */
struct vs_lesson {
	struct vs_account *account;
	unsigned ticket;
	enum vs_before before;
	uint64_t began; /* ns of the thread's processor time */
	unsigned us;	/* that the fork has taken */
};

/* Around a native fork, in the parent; and in its child. Raw system calls. */
void vs_lesson_begins(struct vs_lesson *lesson);
void vs_lesson_ends(struct vs_lesson *lesson);
void vs_lesson_in_child(const struct vs_lesson *lesson);

/* In the child of any, before that. */
void vs_lesson_reset(void);

/* The calling process execs: if it is such a child, its parent learns of it.
 * Makes no system call, for a filter of its own may kill for it. */
void vs_lesson_exec(void);

/* Resident anonymous memory, in bytes, as it was last seen; 0: not yet. */
void vs_lesson_saw(uint64_t bytes);
uint64_t vs_lesson_bytes(void);

/* Whether there may be some MB more by now. */
bool vs_lesson_has_grown(void);

/* Microseconds that a native fork of so much costs here, all in all; 0: nothing
 * is known, and it is not to be guessed. */
unsigned vs_lesson_native_us(void);

/* After a fork that has copied nothing, which has taken so many microseconds
 * against `native`: whether it is time for a native one again, only to see what
 * that costs now. */
bool vs_lesson_is_old(unsigned took, unsigned native);

#endif
