/* SPDX-License-Identifier: MIT
 * See history.h. */
#include "txn/record/history.h"

#include <limits.h>

/* Counts are halved when they come to this, so that the last calls weigh more.
 */
enum { ENOUGH = 16 };

enum { HISTORIES = 1 << VS_LOOK_BACK };

static void count(struct vs_chance *chance)
{
	if (++chance->all >= ENOUGH) {
		chance->all /= 2U;
		chance->execs /= 2U;
	}
}

static void count_exec(struct vs_chance *chance)
{
	if (chance->execs < chance->all)
		chance->execs++;
}

/* The record of calls that came after the last `k` of this history. */
static struct vs_chance *after(struct vs_history *h, unsigned bits, int k)
{
	return &h->after[(1U << k) + (bits & ((1U << k) - 1))];
}

/* A site whose uses alternate, or follow any other pattern as short as what is
 * looked back on, has a certain chance after each part of it. What the shorter
 * history says counts as one call of the longer. */
unsigned vs_history_chance(struct vs_history *h)
{
	unsigned chance = VS_CERTAIN;

	for (int k = 0; k <= VS_LOOK_BACK; k++) {
		const struct vs_chance *c = after(h, h->bits, k);

		chance = (c->execs * VS_CERTAIN + chance) / (c->all + 1U);
	}
	return chance;
}

unsigned vs_history_goes_on(struct vs_history *h)
{
	unsigned bits = h->bits % HISTORIES;

	for (int k = 0; k <= VS_LOOK_BACK; k++)
		count(after(h, bits, k));
	h->bits <<= 1;
	return h->calls++ << VS_LOOK_BACK | bits;
}

/* Other calls may have come since the one of the ticket: `later` is how many.
 */
void vs_history_execs(struct vs_history *h, unsigned ticket)
{
	unsigned bits = ticket % HISTORIES;
	unsigned later = ((h->calls - 1) << VS_LOOK_BACK) - (ticket - bits);

	later >>= VS_LOOK_BACK;
	if (later < sizeof(h->bits) * CHAR_BIT)
		h->bits |= 1U << later;
	for (int k = 0; k <= VS_LOOK_BACK; k++)
		count_exec(after(h, bits, k));
}

/* The last one may not have got to its exec yet. */
bool vs_history_is_mixed(const struct vs_history *h)
{
	const struct vs_chance *all = &h->after[1];
	unsigned execs = all->execs;

	return all->all >= ENOUGH / 2 && execs && execs + 1 < all->all;
}
