/* SPDX-License-Identifier: MIT
 * txn/record/site.c: the memory that the children of a call site need, against
 * a simple model. */
#include "site.h"

/* As in site.c. */
enum { NEEDED = 256, CANDIDATES = 256, NOW_AND_THEN = 8 };

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

UNIT(site_needs, as_the_model, second_time, many, full)
