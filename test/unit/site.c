/* SPDX-License-Identifier: MIT
 * txn/record/site.c: the table of call sites, slow execs, and the memory that
 * their children need, against a simple model. */
#include <pthread.h>
#include <sys/wait.h>

#include "txn/record/site.h"
#include "unit.h"

/* As in site.c. */
enum { SITES = 64, NEEDED = 256, CANDIDATES = 256, NOW_AND_THEN = 8 };

static uintptr_t caller(unsigned i)
{
	return 0x555500001234 + i * (uintptr_t)0x40;
}

/* ---- the table ---- */

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

/* ---- what the children need ---- */

/* The rings and the list as they are meant. */
struct model {
	uintptr_t candidate[CANDIDATES];
	unsigned next, calls, evict, n;
	uintptr_t needed[NEEDED];
};

static bool candidate(const struct model *m, uintptr_t chunk)
{
	for (int i = 0; i < CANDIDATES; i++) {
		if (m->candidate[i] == chunk)
			return true;
	}
	return false;
}

static int ascending(const void *a, const void *b)
{
	uintptr_t x = *(const uintptr_t *)a, y = *(const uintptr_t *)b;

	return x < y ? -1 : x > y;
}

static void model_needs(struct model *m, uintptr_t chunk)
{
	if (!candidate(m, chunk)) {
		m->candidate[m->next++ % CANDIDATES] = chunk;
	} else if (m->n < NEEDED) {
		m->needed[m->n++] = chunk;
		qsort(m->needed, m->n, sizeof(*m->needed), ascending);
	}
}

static void model_evict(struct model *m)
{
	uintptr_t out;
	unsigned at;

	if (!m->n || ++m->calls % NOW_AND_THEN)
		return;
	at = m->evict++ % m->n;
	out = m->needed[at];
	m->needed[at] = UINTPTR_MAX;
	qsort(m->needed, m->n, sizeof(*m->needed), ascending);
	m->n--;
	m->candidate[m->next++ % CANDIDATES] = out;
}

static bool same(const struct vs_site *site, const struct model *m)
{
	for (unsigned i = 0; i < m->n; i++) {
		if (vs_site_needed(site, i) != m->needed[i])
			return false;
	}
	return !vs_site_needed(site, m->n) && !vs_site_needed(site, m->n + 1) &&
	       !vs_site_needed(site, NEEDED) &&
	       !vs_site_needed(site, UINT32_MAX);
}

static bool in(const struct model *m, uintptr_t chunk)
{
	for (unsigned i = 0; i < m->n; i++) {
		if (m->needed[i] == chunk)
			return true;
	}
	return false;
}

/* As the children do: what is brought in is not touched unexpectedly. */
START_TEST(as_the_model)
{
	struct vs_site *site = vs_site_of(caller(0));
	static struct model m;
	struct dice d = dice(1);

	for (int i = 0; i < 20000; i++) {
		/* At first more chunks than fit, then fewer. */
		uintptr_t chunk = 1 + roll(&d, i < 12000 ? 700 : 40);

		if (roll(&d, i < 6000 ? 20 : 3) == 0) {
			vs_site_evict_one(site);
			model_evict(&m);
		} else if (!in(&m, chunk)) {
			vs_site_needs(site, chunk);
			model_needs(&m, chunk);
		}
		ck_assert_msg(same(site, &m), "step %d", i);
	}
}
END_TEST

static void evict_one(struct vs_site *site)
{
	for (int i = 0; i < NOW_AND_THEN; i++)
		vs_site_evict_one(site);
}

START_TEST(second_time)
{
	struct vs_site *site = vs_site_of(caller(0));

	evict_one(site);
	ck_assert(!vs_site_needed(site, 0));
	vs_site_needs(site, 7);
	ck_assert(!vs_site_needed(site, 0));
	vs_site_needs(site, 7);
	ck_assert_uint_eq(vs_site_needed(site, 0), 7);
	ck_assert(!vs_site_needed(site, 1));
	/* Taken off, it is back when touched once. */
	evict_one(site);
	ck_assert(!vs_site_needed(site, 0));
	vs_site_needs(site, 7);
	ck_assert_uint_eq(vs_site_needed(site, 0), 7);
	/* Sites do not mix. */
	ck_assert(!vs_site_needed(vs_site_of(caller(1)), 0));
}
END_TEST

/* What each of the children touches is found out, as long as it fits. */
START_TEST(many)
{
	struct vs_site *site = vs_site_of(caller(0));

	for (int child = 0; child < 2; child++) {
		for (uintptr_t chunk = 1; chunk <= NEEDED; chunk++)
			vs_site_needs(site, chunk * 1000);
	}
	ck_assert_uint_eq(vs_site_needed(site, NEEDED - 1), NEEDED * 1000);
}
END_TEST

START_TEST(full)
{
	struct vs_site *site = vs_site_of(caller(0));

	for (uintptr_t chunk = 1; chunk <= NEEDED + 10; chunk++) {
		vs_site_needs(site, chunk);
		vs_site_needs(site, chunk);
	}
	ck_assert_uint_eq(vs_site_needed(site, NEEDED - 1), NEEDED);
	ck_assert(!vs_site_needed(site, NEEDED));
	/* One out, in turn, makes room for one. */
	evict_one(site);
	ck_assert_uint_eq(vs_site_needed(site, 0), 2);
	vs_site_needs(site, NEEDED + 1);
	ck_assert_uint_eq(vs_site_needed(site, NEEDED - 1), NEEDED + 1);
	evict_one(site);
	ck_assert_uint_eq(vs_site_needed(site, 0), 2);
	ck_assert_uint_eq(vs_site_needed(site, 1), 4);
}
END_TEST

UNIT(site, one_record_for_each, more_than_fit, by_threads, shared_with_children,
     slow_execs, as_the_model, second_time, many, full)
