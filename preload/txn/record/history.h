/* SPDX-License-Identifier: MIT
 *
 * What the children of one call site have done, and what the next one will do:
 * exec, or work on. Pure, all zero at first; shared by processes, as price.h.
 */
#ifndef VS_HISTORY_H
#define VS_HISTORY_H

#include <stdbool.h>

/* So many calls back are looked at to tell what the next one will do. */
enum { VS_LOOK_BACK = 4 };

/* Calls after which a child exec'd, of all that came after the same few. */
struct vs_chance {
	_Atomic unsigned execs, all;
};

struct vs_history {
	_Atomic unsigned calls; /* whose outcome is in `bits` */
	_Atomic unsigned bits;	/* 1: it exec'd; the last is the lowest bit */
	struct vs_chance after[2 << VS_LOOK_BACK]; /* 2^k + the last k bits */
};

/* A call; it is taken for one that works on until it is said to exec. Returns a
 * ticket for that. */
unsigned vs_history_goes_on(struct vs_history *history);
void vs_history_execs(struct vs_history *history, unsigned ticket);

/* That the child of the next call execs, in parts of VS_CERTAIN. */
enum { VS_CERTAIN = 256 };
unsigned vs_history_chance(struct vs_history *history);

/* Of the last calls, as many as are counted, some exec'd and some did not. */
bool vs_history_is_mixed(const struct vs_history *history);

#endif
