/* SPDX-License-Identifier: MIT
 * txn/record/price.c: the bound on what may be lost, by simulation: call sites
 * of all kinds, some of which know what will be tried and do the contrary. */
#include "price.h"

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

PATTERN(tenth, now % 10 == 9 ? EXECS : WORKS)
PATTERN(not_tenth, now % 10 == 9 ? WORKS : EXECS)
PATTERN(bursts, now / 37 % 2 ? WORKS : EXECS)
PATTERN(at_random, roll(&s->dice, 2) ? EXECS : WORKS)
PATTERN(rarely, roll(&s->dice, 20) ? WORKS : EXECS)
/* It knows. */
PATTERN(contrary, advice == VS_TRY ? WORKS : EXECS)
/* It lets some commit first. */
PATTERN(treacherous, now % 150 < 75 ? EXECS : contrary(s, now, advice))

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

UNIT(price_bound, never_more_than_five_percent, slow_instants)
