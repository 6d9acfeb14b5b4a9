/* SPDX-License-Identifier: MIT
 *
 * Call sites of fork(): whether a transaction is worth trying there, and what
 * memory its children need. The records are in memory that parent and children
 * share and live as long as the process. Raw system calls only.
 */
#ifndef VS_SITE_H
#define VS_SITE_H

#include <stdbool.h>
#include <stdint.h>

#include "txn/record/price.h"

struct vs_site;

/* The record of the site that `caller`, a return address, belongs to. Never
 * NULL: when memory or the table is short, one that is shared. */
struct vs_site *vs_site_of(uintptr_t caller);

/* In the child of a native fork, which has the same table, if it was made. */
void vs_site_in_native_child(void);

/* The site's account of costs (price.h). */
struct vs_account *vs_site_account(struct vs_site *site);

/* That of the calls that come to the site by one way, `way` being a number for
 * it; it may lose what the site's account may. The latter if there is no room,
 * or for 0. */
struct vs_account *vs_site_account_by(struct vs_site *site, uintptr_t way);

/* A transaction of this site and account has been committed, by a slow exec or
 * not. After two slow ones in a row none is tried for a while: such an exec is
 * likely to wait for somebody. */
void vs_site_slow_exec(struct vs_site *site, struct vs_account *account,
		       bool slow);

/*
 * Which memory the children of this site touch, in chunks of VS_CHUNK bytes:
 * what several of them needed is brought in for the next one beforehand. Used
 * by one child at a time.
 */
enum { VS_CHUNK_SHIFT = 14, VS_CHUNK = 1 << VS_CHUNK_SHIFT };

/* A child has touched this one unexpectedly. */
void vs_site_needs(struct vs_site *site, uintptr_t chunk);

/* The i-th to bring in, ascending; 0 after the last. */
uintptr_t vs_site_needed(const struct vs_site *site, unsigned i);

/* The strings of a child's exec are in places that give this sum: whether those
 * of the one before did. */
bool vs_site_same_strings(struct vs_site *site, uintptr_t sum);

/* Now and then takes one chunk off the list, each in turn: if it is still
 * needed the child touches it, and it is noted again. */
void vs_site_evict_one(struct vs_site *site);

#endif
