/* SPDX-License-Identifier: MIT
 * txn/record/site.c: the table of call sites, and slow execs. */
#include <pthread.h>
#include <sys/wait.h>

#include "site.h"

enum { SITES = 64 }; /* as in site.c */

START_TEST(one_record_for_each)
{
	struct vs_site *site[64];

	for (unsigned i = 0; i < 64; i++) {
		site[i] = vs_site_of(caller(i));
		ck_assert_ptr_nonnull(site[i]);
	}
	for (unsigned i = 0; i < 64; i++) {
		ck_assert_ptr_eq(vs_site_of(caller(i)), site[i]);
		for (unsigned j = 0; j < i; j++)
			ck_assert_ptr_ne(site[i], site[j]);
	}
}
END_TEST

/* Those that find no room share one record; the others keep theirs. */
START_TEST(more_than_fit)
{
	enum { ALL = 4 * SITES };
	struct vs_site *first[ALL], *shared = NULL;
	int own = 0, sharing = 0;

	for (unsigned i = 0; i < ALL; i++)
		first[i] = vs_site_of(caller(i));
	for (unsigned i = 0; i < ALL; i++) {
		int same = 0;

		for (unsigned j = 0; j < ALL; j++)
			same += first[j] == first[i];
		own += same == 1;
		if (same > 1) {
			ck_assert(!shared || shared == first[i]);
			shared = first[i];
			sharing++;
		}
		ck_assert_ptr_eq(vs_site_of(caller(i)), first[i]);
	}
	ck_assert_int_ge(own, SITES / 2);
	ck_assert_int_le(own, SITES);
	ck_assert_int_eq(own + sharing, ALL);
}
END_TEST

enum { THREADS = 4, ROUNDS = 50 };
static pthread_barrier_t at_once;

static void *find_all(void *arg)
{
	struct vs_site **to = arg;

	pthread_barrier_wait(&at_once);
	for (unsigned i = 0; i < SITES; i++)
		to[i] = vs_site_of(caller(i));
	return NULL;
}

static void find_by_threads(void)
{
	static struct vs_site *found[THREADS][SITES];
	pthread_t thread[THREADS];

	pthread_barrier_init(&at_once, NULL, THREADS);
	for (int i = 0; i < THREADS; i++)
		pthread_create(&thread[i], NULL, find_all, found[i]);
	for (int i = 0; i < THREADS; i++)
		pthread_join(thread[i], NULL);
	for (int i = 1; i < THREADS; i++) {
		if (memcmp(found[i], found[0], sizeof(found[0])) != 0)
			exit(1);
	}
	exit(0);
}

/* The table is made once, and each record given once. */
START_TEST(by_threads)
{
	for (int i = 0; i < ROUNDS; i++) {
		pid_t pid = fork();
		int status;

		ck_assert_int_ge(pid, 0);
		if (!pid)
			find_by_threads();
		ck_assert_int_eq(waitpid(pid, &status, 0), pid);
		ck_assert_msg(!status, "round %d: %#x", i, status);
	}
}
END_TEST

/* What happened in a child counts in its parent. */
START_TEST(shared_with_children)
{
	struct vs_site *site = vs_site_of(caller(0));
	int status;
	pid_t pid;

	pid = fork();
	ck_assert_int_ge(pid, 0);
	if (!pid) {
		vs_account_goes_on(vs_site_account(site));
		vs_account_goes_on(vs_site_account(vs_site_of(caller(0))));
		_exit(0);
	}
	ck_assert_int_eq(waitpid(pid, &status, 0), pid);
	ck_assert_uint_eq(vs_site_account(site)->history.calls, 2);
}
END_TEST

/* After two slow execs in a row no more for a while. */
START_TEST(slow_execs)
{
	enum { NATIVE = 10000, REST = 256 };
	struct vs_site *site = vs_site_of(caller(0));
	struct vs_account *account = vs_site_account(site);

	for (int i = 0; i < 10; i++) {
		ck_assert_int_eq(vs_account_ask(account, NATIVE), VS_TRY);
		vs_account_committed(account, NATIVE, 400);
		vs_site_slow_exec(site, account, i % 2);
	}
	vs_site_slow_exec(site, account, true);
	for (int i = 0; i < REST; i++)
		ck_assert_int_eq(vs_account_ask(account, NATIVE), VS_NO_EXEC);
	ck_assert_int_eq(vs_account_ask(account, NATIVE), VS_TRY);
}
END_TEST

UNIT(site, one_record_for_each, more_than_fit, by_threads, shared_with_children,
     slow_execs)
