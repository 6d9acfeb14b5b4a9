/* SPDX-License-Identifier: MIT
 * txn/record/price.c: low prices, and what is expected of the next call. */
#include <limits.h>

#include "price.h"

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

UNIT(price, low, alternating, too_dear, changed, debt, vain, tickets, repeated)
