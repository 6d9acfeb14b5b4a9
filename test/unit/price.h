/* SPDX-License-Identifier: MIT
 * A call site, as price.c is told of it: what its calls cost, and what its
 * children do. */
#ifndef TEST_UNIT_PRICE_H
#define TEST_UNIT_PRICE_H

#include "txn/record/price.h"
#include "unit.h"

enum { NATIVE = 10000, TAKES = 400 };

struct site {
	struct vs_account account;
	unsigned native; /* the prices, as they are */
	unsigned takes, cold, loses;
	unsigned late; /* calls until a native exec is known */
	struct dice dice;
	unsigned slow; /* one cost in so many is ten times as high; 0: none */

	unsigned tried, undone;
	struct {
		unsigned ticket, at;
	} pending[64];
	unsigned done, told;
};

static UNUSED struct site site(unsigned native)
{
	return (struct site){.native = native,
			     .takes = TAKES,
			     .loses = TAKES / 2,
			     .dice = dice(native)};
}

static unsigned about(struct site *s, unsigned cost)
{
	cost += cost * roll(&s->dice, 10) / 100;
	return s->slow && !roll(&s->dice, s->slow) ? cost * 10 : cost;
}

/* What became of those that went on natively. */
static UNUSED void tell(struct site *s, unsigned now)
{
	while (s->told < s->done &&
	       s->pending[s->told % 64].at + s->late <= now) {
		vs_account_execs(&s->account, s->pending[s->told++ % 64].ticket,
				 0, VS_NOT_TRIED);
	}
}

enum child { WORKS, EXECS, IN_VAIN }; /* the last: undone, and then execs */

/* What one call costs, which is the `now`th. */
static UNUSED unsigned call(struct site *s, unsigned now, enum vs_advice advice,
			    enum child child)
{
	unsigned cost = s->native, lost, ticket;

	if (advice == VS_TRY && child == EXECS) {
		cost = about(s, s->tried++ < 4 && s->cold ? s->cold : s->takes);
		vs_account_committed(&s->account, s->native, cost);
		return cost;
	}
	if (advice == VS_TRY) {
		s->tried++;
		s->undone++;
		lost = about(s, s->loses);
		ticket = vs_account_goes_on(&s->account);
		vs_account_lost(&s->account, s->native, lost);
		if (child == IN_VAIN)
			vs_account_execs(&s->account, ticket, 0, VS_UNDOABLE);
		return cost + lost;
	}
	ticket = vs_account_goes_on(&s->account);
	if (child != WORKS) {
		s->pending[s->done % 64].ticket = ticket;
		s->pending[s->done++ % 64].at = now;
	}
	return cost;
}

/* What the children of the `now`th call do. */
typedef enum child (*pattern)(struct site *, unsigned now, enum vs_advice);

#define PATTERN(name, what)                                         \
	static UNUSED enum child name(struct site *s UNUSED,        \
				      unsigned now UNUSED,          \
				      enum vs_advice advice UNUSED) \
	{                                                           \
		return what;                                        \
	}

PATTERN(never, WORKS)
PATTERN(always, EXECS)
PATTERN(in_vain, IN_VAIN)
PATTERN(second, now % 2 ? EXECS : WORKS)
PATTERN(third, now % 3 == 2 ? EXECS : WORKS)

#endif
