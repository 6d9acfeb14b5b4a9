/* SPDX-License-Identifier: MIT
 * txn/record/price.c: low prices, what is expected of the next call, and the
 * bound on what may be lost, by simulation: call sites of all kinds, some of
 * which know what will be tried and do the contrary. */
#include <limits.h>

#include "txn/record/price.h"
#include "unit.h"

/* ---- prices ---- */

START_TEST(low)
{
	struct vs_price price = {0};

	ck_assert_uint_eq(vs_price_low(&price), 0);
	vs_price_add(&price, 900);
	ck_assert_uint_eq(vs_price_low(&price), 900);
	vs_price_add(&price, 100000);
	ck_assert_uint_eq(vs_price_low(&price), 900);
	vs_price_add(&price, 800);
	ck_assert_uint_eq(vs_price_low(&price), 800);
	vs_price_add(&price, 850);
	ck_assert_uint_eq(vs_price_low(&price), 850);
	/* A single odd one, in either direction, moves it to a neighbour. */
	vs_price_add(&price, 0);
	ck_assert_uint_eq(vs_price_low(&price), 800);
	/* Seven of another kind are believed. */
	for (int i = 0; i < 7; i++)
		vs_price_add(&price, 5000);
	ck_assert_uint_eq(vs_price_low(&price), 5000);
}
END_TEST

/* ---- a site ---- */

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

static struct site site(unsigned native)
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
static void tell(struct site *s, unsigned now)
{
	while (s->told < s->done &&
	       s->pending[s->told % 64].at + s->late <= now) {
		vs_account_execs(&s->account, s->pending[s->told++ % 64].ticket,
				 0, VS_NOT_TRIED);
	}
}

enum child { WORKS, EXECS, IN_VAIN }; /* the last: undone, and then execs */

/* What one call costs, which is the `now`th. */
static unsigned call(struct site *s, unsigned now, enum vs_advice advice,
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

typedef enum child (*pattern)(struct site *, unsigned now, enum vs_advice);

enum { CALLS = 5000, WINDOW = 100 };

struct result {
	double whole, worst; /* of native's price; the dearest WINDOW */
	double first;	     /* the first 200 */
};

static struct result simulate(struct site *s, pattern next)
{
	static double cost[CALLS];
	struct result r = {0};
	double sum = 0;

	for (unsigned i = 0; i < CALLS; i++) {
		enum vs_advice advice;

		tell(s, i);
		advice = vs_account_ask(&s->account, s->native);
		cost[i] = (double)call(s, i, advice, next(s, i, advice)) /
			  s->native;
		r.whole += cost[i] / CALLS;
		if (i < 200)
			r.first += cost[i] / 200;
		sum += cost[i] - (i >= WINDOW ? cost[i - WINDOW] : 0);
		if (i >= WINDOW - 1 && sum / WINDOW > r.worst)
			r.worst = sum / WINDOW;
	}
	return r;
}

static enum child never(struct site *s, unsigned now, enum vs_advice advice)
{
	(void)s, (void)now, (void)advice;
	return WORKS;
}

static enum child always(struct site *s, unsigned now, enum vs_advice advice)
{
	(void)s, (void)now, (void)advice;
	return EXECS;
}

static enum child in_vain(struct site *s, unsigned now, enum vs_advice advice)
{
	(void)s, (void)now, (void)advice;
	return IN_VAIN;
}

static enum child second(struct site *s, unsigned now, enum vs_advice advice)
{
	(void)s, (void)advice;
	return now % 2 ? EXECS : WORKS;
}

static enum child third(struct site *s, unsigned now, enum vs_advice advice)
{
	(void)s, (void)advice;
	return now % 3 == 2 ? EXECS : WORKS;
}

static enum child tenth(struct site *s, unsigned now, enum vs_advice advice)
{
	(void)s, (void)advice;
	return now % 10 == 9 ? EXECS : WORKS;
}

static enum child not_tenth(struct site *s, unsigned now, enum vs_advice advice)
{
	(void)s, (void)advice;
	return now % 10 == 9 ? WORKS : EXECS;
}

static enum child bursts(struct site *s, unsigned now, enum vs_advice advice)
{
	(void)s, (void)advice;
	return now / 37 % 2 ? WORKS : EXECS;
}

static enum child at_random(struct site *s, unsigned now, enum vs_advice advice)
{
	(void)now, (void)advice;
	return roll(&s->dice, 2) ? EXECS : WORKS;
}

static enum child rarely(struct site *s, unsigned now, enum vs_advice advice)
{
	(void)now, (void)advice;
	return roll(&s->dice, 20) ? WORKS : EXECS;
}

/* It knows. */
static enum child contrary(struct site *s, unsigned now, enum vs_advice advice)
{
	(void)s, (void)now;
	return advice == VS_TRY ? WORKS : EXECS;
}

/* It lets some commit first. */
static enum child treacherous(struct site *s, unsigned now,
			      enum vs_advice advice)
{
	(void)s;
	return now % 150 < 75 ? EXECS : contrary(s, now, advice);
}

static const struct {
	pattern next;
	const char *name;
} patterns[] = {
	{never, "never"},
	{always, "always"},
	{in_vain, "in vain"},
	{second, "every second"},
	{third, "every third"},
	{tenth, "every tenth"},
	{not_tenth, "all but every tenth"},
	{bursts, "bursts"},
	{at_random, "random"},
	{rarely, "rarely"},
	{contrary, "contrary"},
	{treacherous, "treacherous"},
};

/* ---- the bound ---- */

/* What may be lost by one that is rolled back, and by the first commits. */
static void bounded(unsigned native, unsigned loses, unsigned cold,
		    unsigned late, unsigned slow)
{
	for (int i = 0; i < LENGTH(patterns); i++) {
		struct site s = site(native);
		struct result r;

		s.loses = loses;
		s.cold = cold;
		s.late = late;
		s.slow = slow;
		r = simulate(&s, patterns[i].next);
		if (getenv("VERBOSE"))
			printf("%6u -%6u late %2u slow %2u %-20s whole %.3f "
			       "worst %.3f first %.3f tried %u undone %u\n",
			       native, loses, late, slow, patterns[i].name,
			       r.whole, r.worst, r.first, s.tried, s.undone);
		ck_assert_msg(r.worst <= 1.05 && r.whole <= 1.02 &&
				      r.first <= 1.05,
			      "%u lost %u late %u slow %u, %s: %.3f, "
			      "worst %.3f, first %.3f",
			      native, loses, late, slow, patterns[i].name,
			      r.whole, r.worst, r.first);
	}
}

START_TEST(never_more_than_five_percent)
{
	static const unsigned natives[] = {160, 300, 1000, 10000, 60000};

	for (int i = 0; i < LENGTH(natives); i++) {
		unsigned native = natives[i];

		for (unsigned late = 0; late < 4; late++) {
			bounded(native, native / 20 + 1, 0, late, 0);
			bounded(native, native / 3, 0, late, 0);
			bounded(native, native, 0, late, 0);
			bounded(native, native, native * 2, late, 0);
		}
	}
}
END_TEST

/* One cost in twenty is ten times as high. What natively forked children do is
 * known at once, or only some calls later. */
START_TEST(slow_instants)
{
	for (unsigned late = 0; late < 3; late++) {
		struct site s = site(NATIVE);
		struct result r;

		s.slow = 20;
		s.late = late;
		r = simulate(&s, always);
		ck_assert_uint_ge(s.tried, CALLS * 98 / 100);
		ck_assert_double_le(r.whole, 0.15);
		ck_assert_double_le(r.worst, 0.5);
		s = site(NATIVE);
		s.slow = 20;
		s.loses = NATIVE / 2;
		r = simulate(&s, never);
		ck_assert_double_le(r.worst, 1.1);
		ck_assert_double_le(r.whole, 1.01);
	}
}
END_TEST

/* ---- what is tried ---- */

/* After the first twenty calls: each that execs, and no other. */
static void foreseen(pattern next, unsigned loses)
{
	struct site s = site(NATIVE);

	s.loses = loses;
	for (unsigned i = 0; i < 200; i++) {
		enum child child = next(&s, i, VS_TRY);
		enum vs_advice advice;

		tell(&s, i);
		advice = vs_account_ask(&s.account, NATIVE);
		if (i >= 20)
			ck_assert_msg((advice == VS_TRY) == (child == EXECS),
				      "call %u, %u lost", i, loses);
		call(&s, i, advice, child);
	}
}

START_TEST(alternating)
{
	foreseen(always, NATIVE);
	foreseen(second, NATIVE);
	foreseen(second, NATIVE / 2);
	foreseen(third, NATIVE);
}
END_TEST

static unsigned tries(struct site *s, unsigned from, unsigned calls,
		      pattern next)
{
	unsigned n = 0;

	for (unsigned i = from; i < from + calls; i++) {
		enum vs_advice advice;

		tell(s, i);
		advice = vs_account_ask(&s->account, s->native);
		n += advice == VS_TRY;
		call(s, i, advice, next(s, i, advice));
	}
	return n;
}

/* Nothing is as cheap as a small native fork; where one is nearly as cheap, a
 * few find it out, and one in 64 or less looks again. */
START_TEST(too_dear)
{
	struct site s = site(150);

	ck_assert_uint_eq(tries(&s, 0, 1000, always), 0);
	s = site(380);
	ck_assert_uint_le(tries(&s, 0, 200, always), 8);
	ck_assert_uint_le(tries(&s, 200, 1000, always), 16);
	ck_assert_uint_ge(tries(&s, 1200, 5000, always), 1);
	ck_assert_int_eq(vs_account_ask(&s.account, s.native), VS_TOO_DEAR);
	/* The process grows; or the children need less. */
	s.native = NATIVE;
	ck_assert_uint_ge(tries(&s, 6200, 100, always), 99);
	s = site(380);
	tries(&s, 0, 200, always);
	s.takes = 200;
	tries(&s, 200, 6000, always);
	ck_assert_uint_ge(tries(&s, 6200, 100, always), 99);
}
END_TEST

/* A site that never exec'd does so from now on. */
START_TEST(changed)
{
	struct site s = site(NATIVE);

	s.loses = NATIVE;
	tries(&s, 0, 3000, never);
	ck_assert_uint_eq(tries(&s, 3000, 50, never), 0);
	tries(&s, 3050, 50, always);
	ck_assert_uint_ge(tries(&s, 3100, 100, always), 99);
	/* And now no more. */
	ck_assert_uint_le(tries(&s, 3200, 100, never), 5);
}
END_TEST

/* Whatever was lost, a site is not in debt for ever. */
START_TEST(debt)
{
	struct vs_account account = {0};
	unsigned calls = 0;

	vs_account_ask(&account, 1000);
	for (int i = 0; i < 10; i++)
		vs_account_lost(&account, 1, UINT_MAX);
	ck_assert_int_lt(account.credit, 0);
	for (; account.credit < 0 && calls < 1000; calls++)
		vs_account_ask(&account, 1000);
	ck_assert_uint_lt(calls, 100);
}
END_TEST

/* Those that cannot be committed, but exec, are not tried for that; but one
 * that is committed says that they can. */
START_TEST(vain)
{
	struct site s = site(NATIVE);

	s.loses = NATIVE / 3;
	ck_assert_uint_le(tries(&s, 0, 1000, in_vain), 6);
	vs_account_committed(&s.account, NATIVE, TAKES);
	tries(&s, 1000, 20, always);
	ck_assert_uint_ge(tries(&s, 1020, 100, always), 99);
}
END_TEST

/* The child's record may come when others have been made. */
START_TEST(tickets)
{
	struct vs_account a = {0};
	unsigned ticket[40];

	for (int i = 0; i < 40; i++)
		ticket[i] = vs_account_goes_on(&a);
	ck_assert_uint_eq(a.history.bits, 0);
	vs_account_execs(&a, ticket[39], 0, VS_NOT_TRIED);
	ck_assert_uint_eq(a.history.bits, 1);
	vs_account_execs(&a, ticket[36], 0, VS_NOT_TRIED);
	ck_assert_uint_eq(a.history.bits, 9);
	vs_account_execs(&a, ticket[8], 0, VS_NOT_TRIED);
	ck_assert_uint_eq(a.history.bits, 0x80000009);
	vs_account_execs(&a, ticket[7], 0, VS_NOT_TRIED);
	vs_account_execs(&a, ticket[0], 0, VS_NOT_TRIED);
	ck_assert_uint_eq(a.history.bits, 0x80000009);
	/* Numbers of calls come to their end. */
	a.history.calls = UINT32_MAX - 1;
	for (int i = 0; i < 4; i++)
		ticket[i] = vs_account_goes_on(&a);
	ck_assert_uint_eq(a.history.calls, 2);
	ck_assert_uint_eq(a.history.bits, 0x90);
	for (int i = 0; i < 4; i++)
		vs_account_execs(&a, ticket[i], 0, VS_NOT_TRIED);
	ck_assert_uint_eq(a.history.bits, 0x9f);
}
END_TEST

/* Asked again only where something may have changed. */
START_TEST(repeated)
{
	struct site s = site(380);
	unsigned asked = 0;

	ck_assert_int_eq(vs_account_repeat(&s.account), VS_TRY);
	tries(&s, 0, 300, always);
	for (int i = 0; i < 64; i++)
		asked += vs_account_repeat(&s.account) == VS_TRY;
	ck_assert_uint_ge(asked, 8);
	ck_assert_uint_le(asked, 16);
	s = site(NATIVE);
	tries(&s, 0, 100, always);
	ck_assert_int_eq(vs_account_repeat(&s.account), VS_TRY);
}
END_TEST

UNIT(price, low, never_more_than_five_percent, slow_instants, alternating,
     too_dear, changed, debt, vain, tickets, repeated)
