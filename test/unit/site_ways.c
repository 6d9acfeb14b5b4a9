/* SPDX-License-Identifier: MIT
 * txn/record/site.c: accounts of the ways by which calls come to a site, and
 * when a site needs them. */
#include "txn/record/site.h"
#include "unit.h"

/* As in site.c. */
enum { WAYS = 16 };

static uintptr_t way(unsigned i)
{
	return 0x7f5512345678 + i * (uintptr_t)0x9e3779b1;
}

static struct vs_site *site(void)
{
	return vs_site_of(0x555500001234);
}

static struct vs_account *by(unsigned i)
{
	return vs_site_account_by(site(), way(i));
}

/* A child that execs, or not, without a transaction. */
static void child(struct vs_account *account, bool execs)
{
	unsigned ticket = vs_account_goes_on(account);

	if (execs)
		vs_account_execs(account, ticket, 0, VS_NOT_TRIED);
}

START_TEST(one_account_for_each)
{
	struct vs_account *first = by(0), *second = by(1);

	ck_assert_ptr_ne(first, vs_site_account(site()));
	ck_assert_ptr_ne(first, second);
	ck_assert_ptr_eq(by(0), first);
	ck_assert_ptr_eq(by(1), second);
	ck_assert_ptr_eq(vs_site_account_by(site(), 0),
			 vs_site_account(site()));
}
END_TEST

/* Those for which there is no room have the site's. */
START_TEST(more_than_fit)
{
	struct vs_account *first[4 * WAYS];
	int own = 0;

	for (unsigned i = 0; i < 4 * WAYS; i++) {
		first[i] = by(i);
		own += first[i] != vs_site_account(site());
	}
	for (unsigned i = 0; i < 4 * WAYS; i++)
		ck_assert_ptr_eq(by(i), first[i]);
	ck_assert_int_ge(own, WAYS / 2);
	ck_assert_int_le(own, WAYS);
}
END_TEST

/* So that who has one way only goes on as before. */
START_TEST(begins_as_the_site)
{
	struct vs_account *whole = vs_site_account(site());
	unsigned chance;

	for (int i = 0; i < 40; i++)
		child(whole, i % 2);
	chance = vs_history_chance(&whole->history);
	ck_assert_uint_lt(chance, VS_CERTAIN / 4);
	ck_assert_uint_eq(vs_history_chance(&by(0)->history), chance);
	for (int i = 0; i < 40; i++)
		child(by(0), true);
	ck_assert_uint_gt(vs_history_chance(&by(0)->history),
			  VS_CERTAIN * 3 / 4);
	ck_assert_uint_eq(vs_history_chance(&whole->history), chance);
}
END_TEST

/* What one way has lost, another has not to lose any more. */
START_TEST(one_pot)
{
	enum { NATIVE = 10000 };
	struct vs_account *whole = vs_site_account(site());
	int before;

	vs_account_ask(whole, NATIVE);
	before = whole->credit;
	vs_account_lost(by(0), NATIVE, NATIVE);
	ck_assert_int_lt(whole->credit, before);
	before = whole->credit;
	vs_account_lost(by(1), NATIVE, NATIVE);
	ck_assert_int_lt(whole->credit, before);
	vs_account_lost(by(0), NATIVE, NATIVE);
	ck_assert_int_eq(vs_account_ask(by(2), NATIVE), VS_NO_EXEC);
}
END_TEST

START_TEST(mixed)
{
	struct vs_account *account = vs_site_account(site());

	for (int i = 0; i < 40; i++) {
		child(account, true);
		ck_assert(!vs_account_is_mixed(account));
	}
	child(account, false);
	child(account, false);
	ck_assert(vs_account_is_mixed(account));
	for (int i = 0; i < 80; i++)
		child(account, false);
	ck_assert(!vs_account_is_mixed(account));
}
END_TEST

UNIT(site_ways, one_account_for_each, more_than_fit, begins_as_the_site,
     one_pot, mixed)
