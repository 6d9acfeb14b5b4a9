/* SPDX-License-Identifier: MIT
 * Call sites of fork(): whether a transaction is worth trying there. */
#ifndef VS_SITE_H
#define VS_SITE_H

#include <stdbool.h>
#include <stdint.h>

struct vs_site;

/* The record of the site that `caller`, a return address, belongs to. Never
 * NULL: when memory or the table is short, one that is shared. */
struct vs_site *vs_site_of(uintptr_t caller);

/* Whether to try now, by what happened before. Counts as one call. */
bool vs_site_allows(struct vs_site *site);
void vs_site_committed(struct vs_site *site);
void vs_site_rolled_back(struct vs_site *site);

/* Chunks of memory (address / 64 KiB) that children of this site touched. */
void vs_site_needs(struct vs_site *site, uint32_t chunk);

/* The i-th of them, 0 after the last. */
uint32_t vs_site_needed(const struct vs_site *site, int i);

#endif
