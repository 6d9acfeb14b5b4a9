/* SPDX-License-Identifier: MIT
 *
 * Whether a transaction may be tried: by what the process and the calling
 * thread are.
 */
#ifndef VS_ABLE_H
#define VS_ABLE_H

#include <stdbool.h>
#include <stdint.h>

#include "stats/stats.h"

/* ---- barred.c ---- */

/* VS_WHY_NONE, or why not, by what is known of the process. */
enum vs_why_native vs_txn_barred(void);

/* At load, and in the child of a native fork; or in one of clone(), which makes
 * no transactions. */
void vs_txn_in_new_process(bool by_clone);

/* What was found out may have changed. */
void vs_txn_ask_again(void);

/* Another one whenever it may have. */
unsigned vs_txn_epoch(void);

/* ---- look.c ---- */

/* VS_WHY_NONE, or why not, by what /proc says, now and then, and by where
 * children are born. */
enum vs_why_native vs_txn_look(void);

/* Whether the thread has a seccomp filter, or had one of late: then nothing
 * else is to be asked before vs_txn_look(). */
bool vs_txn_may_be_filtered(void);

/* What it was, a few milliseconds ago; valid after vs_txn_look(). Resident
 * anonymous memory in bytes, which is what a native fork pays for. */
uint64_t vs_txn_anonymous_bytes(void);

/* More of it. */
struct vs_txn_seen {
	uint64_t threads; /* of the process */
	unsigned filters; /* of seccomp, the thread's, and 1; 0: none */
	bool confined;	  /* by AppArmor */
};
const struct vs_txn_seen *vs_txn_seen(void);

/* Signals that it may handle, as a set: all that it does, but for those of the
 * last few milliseconds whose action was not set by libc. */
uint64_t vs_txn_handled(void);

/* ---- filter.c ---- */

/* Whether the seccomp filters of this process let through what is needed, or
 * what is needed to read its own memory. */
enum vs_filter_what { VS_FILTER_ALL, VS_FILTER_READING };
bool vs_filter_allows(enum vs_filter_what what);

#endif
