/* SPDX-License-Identifier: MIT
 *
 * Call sites of fork(). A server forks in some places to exec and in others
 * to work on; the return address tells them apart. The table is in memory
 * that is shared with every child, so that what happened in one counts for
 * all; its fields are hints, so that plain racy updates do no harm.
 */
#include "txn/record/site.h"

#include <stdatomic.h>
#include <stddef.h>

#include "base/compiler.h"
#include "base/range.h"
#include "kernel/once.h"
#include "kernel/sys.h"

enum { SITE_BITS = 6, SITES = 1 << SITE_BITS };
enum { WAY_BITS = 4, WAYS = 1 << WAY_BITS };
enum { PROBES = 8 };

/* All that one child needs has room, or none would be a candidate still when
 * the next child needs it: CPython's at 1 GB touch 150 chunks. */
enum { NEEDED = 256, CANDIDATES = NEEDED };

struct vs_site {
	_Atomic uintptr_t caller;
	_Atomic unsigned slow; /* execs in a row */
	struct vs_account account;
	_Atomic uintptr_t strings;
	unsigned needed_count, calls, evict, next_candidate;
	uintptr_t needed[NEEDED];	/* ascending */
	uint32_t candidate[CANDIDATES]; /* the lower bits, which do */
};

/* Calls that come to a site by one way: from where its function is called. */
struct way {
	_Atomic uintptr_t number;
	struct vs_account account;
};

struct table {
	struct vs_site site[SITES];
	struct way way[WAYS];
};

/* The table is mapped, shared, over this place in our image: see once.h. */
static struct vs_once once;
static union {
	struct table all;
	char whole[(sizeof(struct table) + VS_PAGE - 1) / VS_PAGE * VS_PAGE];
} table VS_BIG __attribute__((aligned(VS_PAGE)));

/* For sites beyond the table's, and where it cannot be shared. */
static struct vs_site fallback VS_BIG;

/* By the upper bits of the product: the lower ones know only the lower ones of
 * the address (Knuth, The Art of Computer Programming, 6.4). */
static size_t slot_of(uintptr_t number, int bits)
{
	uint32_t mixed = (uint32_t)(number ^ number >> 12) * 2654435761U;

	return mixed >> (32 - bits);
}

/* Whether `slot` is that of `number`; if it is nobody's, it becomes that, and
 * *claimed is set. */
static bool is_its_slot(_Atomic uintptr_t *slot, uintptr_t number,
			bool *claimed)
{
	uintptr_t have = atomic_load(slot);

	*claimed = !have && atomic_compare_exchange_strong(slot, &have, number);
	return *claimed || have == number;
}

void vs_site_in_native_child(void)
{
	vs_once_inherited(&once);
}

struct vs_site *vs_site_of(uintptr_t caller)
{
	bool shared = vs_map_once(&once, &table, sizeof(table), MAP_SHARED);
	struct vs_site *sites = table.all.site;
	size_t at = slot_of(caller, SITE_BITS);
	bool claimed;

	for (int i = 0; shared && i < PROBES; i++, at = (at + 1) % SITES) {
		if (is_its_slot(&sites[at].caller, caller, &claimed))
			return &sites[at];
	}
	return &fallback;
}

struct vs_account *vs_site_account(struct vs_site *site)
{
	return &site->account;
}

/* A new one begins with all that the site has learned: whoever forks by only
 * one way, whatever his children do, goes on as before. */
static struct vs_account *account_of(struct way *way, struct vs_account *site,
				     bool is_new)
{
	struct vs_account *account = &way->account;

	if (is_new) {
		*account = *site;
		account->natively = 0;
	}
	account->pot = site;
	return account;
}

struct vs_account *vs_site_account_by(struct vs_site *site, uintptr_t way)
{
	struct way *ways = table.all.way;
	size_t at = slot_of(way, WAY_BITS);
	bool claimed;

	for (int i = 0; way && site != &fallback && i < PROBES; i++) {
		if (is_its_slot(&ways[at].number, way, &claimed))
			return account_of(&ways[at], &site->account, claimed);
		at = (at + 1) % WAYS;
	}
	return &site->account;
}

void vs_site_slow_exec(struct vs_site *site, struct vs_account *account,
		       bool slow)
{
	enum { IN_A_ROW = 2, REST = 256 };

	if (slow && ++site->slow >= IN_A_ROW)
		account->rests = REST;
	if (site->slow && !slow)
		site->slow = 0;
}

static bool is_candidate(const struct vs_site *site, uintptr_t chunk)
{
	for (int i = 0; i < CANDIDATES; i++) {
		if (site->candidate[i] == (uint32_t)chunk)
			return true;
	}
	return false;
}

static void make_candidate(struct vs_site *site, uintptr_t chunk)
{
	site->candidate[site->next_candidate++ % CANDIDATES] = (uint32_t)chunk;
}

/* A chunk is noted the second time it is needed, so that what one child used is
 * not brought in for all that follow. A full table gets room by evicting. */
void vs_site_needs(struct vs_site *site, uintptr_t chunk)
{
	unsigned n = site->needed_count, at;

	if (!is_candidate(site, chunk)) {
		make_candidate(site, chunk);
		return;
	}
	if (n >= NEEDED)
		return;
	for (at = n; at > 0 && site->needed[at - 1] > chunk; at--)
		site->needed[at] = site->needed[at - 1];
	site->needed[at] = chunk;
	site->needed_count = n + 1;
}

uintptr_t vs_site_needed(const struct vs_site *site, unsigned i)
{
	return i < NEEDED && i < site->needed_count ? site->needed[i] : 0;
}

bool vs_site_same_strings(struct vs_site *site, uintptr_t sum)
{
	return atomic_exchange(&site->strings, sum) == sum;
}

/* If it is still needed, that is a fault more, some 40 us. */
void vs_site_evict_one(struct vs_site *site)
{
	enum { NOW_AND_THEN = 8 };
	unsigned n = site->needed_count, at;

	if (n == 0 || n > NEEDED || ++site->calls % NOW_AND_THEN)
		return;
	at = site->evict++ % n;
	make_candidate(site, site->needed[at]);
	for (; at < n - 1; at++)
		site->needed[at] = site->needed[at + 1];
	site->needed_count = n - 1;
}
