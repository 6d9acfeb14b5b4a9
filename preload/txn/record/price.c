/* SPDX-License-Identifier: MIT
 *
 * See price.h. Two questions and a bound. Does a transaction cost less than a
 * native fork here, and will this child exec: of both only past calls tell, and
 * they may mislead. So each site has an account. Every call pays a little in,
 * commits pay in what they have saved, rollbacks and slow commits take out what
 * they have cost, and nothing is tried that it could not pay for. What it holds
 * is bounded, so over any hundred calls no more is lost than
 *
 *	BURST + 100 / SHARE < 5
 *
 * native forks' price, whoever chooses the calls.
 */
#include "txn/record/price.h"

#include <limits.h>

/* In native forks' price: what the account holds at most, and at first; and
 * which part of it each call pays in. */
enum { BURST = 3, SHARE = 64 };

/* What the account is kept in, and as much as it can be in debt: on a busy
 * machine a child may have worked for long until it is told to leave. */
enum { PARTS = 1000, DEBT = PARTS, MOST = 1 << 30 };

/* No transaction takes less: its clone, two madvise() and four mmap() or
 * mprotect() at least, and one wake-up, 160 to 250 us as measured. */
enum { LEAST = 150 };

/* What processor time does not show of a transaction: the thread that forks
 * sleeps, and has to be woken. A fork() in huge pages (256 MB) took 109 us
 * natively and 226 as a transaction, with the same processor time. */
enum { WAIT = 100 };

/* The first transactions of a site are dearer: they bring in page by page what
 * later ones fetch beforehand. So while there were fewer than LEARNING, one is
 * tried again after SOON calls although the last was too dear. */
enum { LEARNING = 4, SOON = 16 };

/* A transaction is worth it if it costs less by a tenth. */
enum { OF_TEN = 9 };

/* Where the odds are against a transaction one call in LOOK_AGAIN tries it all
 * the same, to see whether that has changed; one in twice as many after each
 * failure, up to DOUBLED times. */
enum { LOOK_AGAIN = 64, DOUBLED = 6 };

/* So many calls in a row get the last answer, without arithmetic, if there is
 * nothing new. */
enum { SAME = 8 };

/* Microseconds. What a native child works before its exec is known only by the
 * time of day; more than this says how busy the machine is. */
enum { WORK_LIMIT = 200 };

static unsigned least(unsigned a, unsigned b)
{
	return a < b ? a : b;
}

void vs_price_add(struct vs_price *price, unsigned cost)
{
	price->sample[price->count++ % VS_SAMPLES] = cost ? cost : 1;
}

unsigned vs_price_low(const struct vs_price *price)
{
	unsigned n = least(price->count, VS_SAMPLES);
	unsigned lowest = UINT_MAX, second = UINT_MAX;

	for (unsigned i = 0; i < n; i++) {
		unsigned cost = price->sample[i];

		if (cost < lowest) {
			second = lowest;
			lowest = cost;
		} else {
			second = least(second, cost);
		}
	}
	if (!n)
		return 0;
	return n < LEARNING ? lowest : second;
}

/* ---- what calls do ---- */

unsigned vs_account_goes_on(struct vs_account *a)
{
	return vs_history_goes_on(&a->history);
}

/* An exec seen natively speaks for a transaction only if one could have come so
 * far. Once a child was rolled back for what it did, and exec'd natively then,
 * such execs do not count until one has been committed. */
void vs_account_execs(struct vs_account *a, unsigned ticket, unsigned work,
		      enum vs_before before)
{
	vs_price_add(&a->works, least(work, WORK_LIMIT));
	a->fooled += before == VS_UNDOABLE;
	a->late += before == VS_TOO_LATE;
	if (!a->fooled)
		vs_history_execs(&a->history, ticket);
}

/* ---- the account ---- */

/* In parts of a native fork's price as it is now: when the process grows, so
 * does what it may lose. */
static int parts(unsigned cost, unsigned native)
{
	uint64_t n = (uint64_t)cost * PARTS / (native ? native : 1);

	return n < MOST ? (int)n : MOST;
}

static _Atomic int *credit_of(struct vs_account *a)
{
	return a->pot ? &a->pot->credit : &a->credit;
}

static void pay_in(struct vs_account *a, int sum)
{
	_Atomic int *credit = credit_of(a);
	int now = *credit;

	*credit = now < BURST * PARTS - sum ? now + sum : BURST * PARTS;
}

static void take_out(struct vs_account *a, int sum)
{
	_Atomic int *credit = credit_of(a);
	int now = *credit;

	*credit = now > sum - DEBT ? now - sum : -DEBT;
}

static void begin_call(struct vs_account *a)
{
	pay_in(a, a->open ? PARTS / SHARE : BURST * PARTS);
	a->open = true;
	a->since++;
}

static bool is_learning(const struct vs_account *a)
{
	return a->takes.count < LEARNING;
}

static bool may_look_again(const struct vs_account *a)
{
	return a->since >= (unsigned)LOOK_AGAIN << least(a->failed, DOUBLED);
}

static unsigned more(unsigned a, unsigned b)
{
	return a > b ? a : b;
}

/* A child may work for as long as a native fork takes, and somewhat longer
 * before that is noticed. */
static unsigned may_lose(const struct vs_account *a, unsigned native)
{
	unsigned most = native + native / 4 + LEAST;

	return a->loses ? least(a->loses, most) : native;
}

/* What to do, by what is known of the prices and of the chance of an exec. */
static enum vs_advice weigh(struct vs_account *a, unsigned native)
{
	unsigned chance = vs_history_chance(&a->history);
	unsigned takes = vs_price_low(&a->takes);
	unsigned loses = may_lose(a, native);
	unsigned all = native + vs_price_low(&a->works);
	bool worth = more(takes, LEAST) + WAIT < all / 10 * OF_TEN;
	bool never = LEAST + WAIT >= all;
	bool may_be = is_learning(a) && a->since >= SOON;
	int risk = parts(more(loses, takes > all ? takes - all : 0), native);
	uint64_t gain = worth ? all - takes : all / 2;

	if (!worth && (never || !(may_be || may_look_again(a))))
		return VS_TOO_DEAR;
	/* Of those that are under way it is not known yet whether they exec;
	 * of many threads that come at once all would go natively then. */
	if (gain * chance <= (uint64_t)loses * (VS_CERTAIN - chance) &&
	    !may_look_again(a) && a->natively <= 0)
		return VS_NO_EXEC;
	if (*credit_of(a) >= risk)
		return VS_TRY;
	return worth ? VS_NO_EXEC : VS_TOO_DEAR;
}

enum vs_advice vs_account_ask(struct vs_account *a, unsigned native)
{
	enum vs_advice advice = VS_NO_EXEC;

	begin_call(a);
	if (a->rests)
		a->rests--;
	else
		advice = weigh(a, native);
	if (advice == VS_TRY)
		a->since = 0;
	else if (a->late && vs_history_chance(&a->history) >= VS_CERTAIN / 2)
		advice = VS_TOO_DEAR;
	a->said = (int)advice;
	return advice;
}

enum vs_advice vs_account_repeat(struct vs_account *a)
{
	enum vs_advice advice = (enum vs_advice)a->said;

	if (!a->open || advice == VS_TRY || may_look_again(a) ||
	    (advice == VS_NO_EXEC && a->history.bits) || ++a->skips % SAME == 0)
		return VS_TRY;
	a->since++;
	return advice;
}

bool vs_account_is_mixed(const struct vs_account *a)
{
	return vs_history_is_mixed(&a->history);
}

unsigned vs_account_takes(const struct vs_account *a)
{
	return is_learning(a) ? 0 : vs_price_low(&a->takes);
}

void vs_account_committed(struct vs_account *a, unsigned native, unsigned took)
{
	unsigned all = native + vs_price_low(&a->works);

	vs_history_execs(&a->history, vs_account_goes_on(a));
	vs_price_add(&a->takes, took);
	a->fooled = a->late = 0;
	if (took < all) {
		pay_in(a, parts(all - took, native));
		a->failed = 0;
	} else {
		take_out(a, parts(took - all, native));
		a->failed += !is_learning(a);
	}
}

void vs_account_lost(struct vs_account *a, unsigned native, unsigned lost)
{
	a->loses = lost > a->loses ? lost : a->loses - (a->loses - lost) / 8;
	a->failed++;
	take_out(a, parts(lost, native));
}
