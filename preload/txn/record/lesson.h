/* SPDX-License-Identifier: MIT
 *
 * What native forks teach: what they cost in this process, and whether their
 * children exec. A lesson is taken around each fork that libc makes. The entry
 * points know no more of prices than this.
 */
#ifndef VS_LESSON_H
#define VS_LESSON_H

#include <stdbool.h>
#include <stdint.h>

#include "txn/record/price.h"

/* Of a thread, as its last tick or its last switch has left it. */
struct vs_lap {
	uint64_t us;   /* of processor time */
	long switches; /* to other threads, of either kind */
};

/* One call of fork(). It is on the caller's stack, so that the child has a
 * copy. If `account` is NULL nothing is to be learned. */
struct vs_lesson {
	struct vs_account *account;
	unsigned ticket;
	enum vs_before before;
	uint64_t began; /* ns of CLOCK_MONOTONIC; 0: no fork by libc */
	struct vs_lap lap;
	long faults; /* of the process */
	unsigned us; /* that the fork has taken */
};

/* Around a native fork, in the parent; and in its child. Raw system calls. */
void vs_lesson_begins(struct vs_lesson *lesson);
void vs_lesson_ends(struct vs_lesson *lesson);
void vs_lesson_in_child(const struct vs_lesson *lesson);

/* In the child of any native fork, before vs_lesson_in_child(): forgets the
 * parent's lesson. */
void vs_lesson_reset(void);

/* The calling process execs: if it is such a child, its parent learns of it.
 * Makes no system call, for a filter of its own may kill for it. */
void vs_lesson_exec(void);

/* Resident anonymous memory, in bytes, as it was last seen; 0: not yet. */
void vs_lesson_saw(uint64_t bytes);
uint64_t vs_lesson_bytes(void);

/* Whether there may be some MB more by now. */
bool vs_lesson_has_grown(void);

/* Microseconds that a native fork of the memory last seen costs in this
 * process, the faults after it included. 0: nothing is known, and it cannot be
 * guessed.
 */
unsigned vs_lesson_native_us(void);

/* To be asked before each transaction, which takes `took` microseconds where a
 * native fork takes `native`: whether the fork is to be a native one, only to
 * see what that costs by now. */
bool vs_lesson_is_old(unsigned took, unsigned native);

#endif
