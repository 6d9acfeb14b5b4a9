/* SPDX-License-Identifier: MIT
 * stats/: what is counted of a call, for which function, reason and site. */
#include <pthread.h>

#include "stats.h"

static void forked(const struct vs_verdict *v, uint64_t start)
{
	vs_stats_call(&(struct vs_call){.entry = VS_ENTRY_fork,
					.caller = 0x1234,
					.start = start,
					.forks = true,
					.result = 1,
					.verdict = *v});
}

START_TEST(not_wanted)
{
	struct vs_verdict v = {.engine = VS_NATIVE,
			       .why = VS_WHY_SMALL,
			       .undone = VS_UNDONE_CRASH};

	ck_assert_uint_eq(vs_stats_start(), 0);
	forked(&v, 0);
	ck_assert_uint_eq(vs_all_calls(vs_tally), 0);
	ck_assert_uint_eq(vs_tally->undone[VS_UNDONE_CRASH].calls, 0);
}
END_TEST

static uint64_t by(long nr)
{
	for (int i = 0; i < VS_MAX_CULPRITS; i++) {
		const struct vs_culprit *c = &vs_tally->culprit[i];

		if (c->key == (uint32_t)(nr - VS_FIRST_NUMBER) + 1) {
			ck_assert_str_eq(c->name, vs_syscall_name(nr));
			return c->calls;
		}
	}
	return 0;
}

static void is_at_place(const struct vs_place *place)
{
	ck_assert_uint_eq(place->calls, 1);
	ck_assert_uint_eq(place->undone, 1);
	ck_assert_uint_eq(place->address, 0x1234);
	ck_assert_uint_eq(place->offset, 0x234);
	ck_assert_str_eq(place->module, "/lib/module.so");
	ck_assert_uint_eq(place->undone_why, VS_UNDONE_SYSCALL);
}

static void takes_a_second(struct vs_tally *t, struct vs_verdict v)
{
	struct vs_row *row = &t->row[0];
	unsigned timed = 0;

	errno = 77;
	forked(&v, vs_time_ns(CLOCK_MONOTONIC) - 1000000000);
	ck_assert_int_eq(errno, 77);
	ck_assert_uint_eq(row->key, vs_row_key(VS_ENTRY_fork, VS_NATIVE));
	ck_assert_str_eq(row->entry, "fork");
	ck_assert_uint_eq(t->undone[VS_UNDONE_SYSCALL].took_calls, 1);
	ck_assert_uint_ge(vs_wide_read(&t->undone[VS_UNDONE_SYSCALL].took_us),
			  1000000);
	ck_assert_uint_eq(t->native[VS_WHY_UNDONE].took_calls, 0);
	ck_assert_uint_eq(row->calls, 1);
	ck_assert_uint_ge(vs_wide_read(&row->us), 1000000);
	ck_assert_uint_eq(t->native[VS_WHY_UNDONE].calls, 1);
	ck_assert_uint_eq(t->undone[VS_UNDONE_SYSCALL].calls, 1);
	ck_assert_uint_eq(by(SYS_write), 1);
	for (unsigned b = vs_bucket_of(1000000000); b < VS_BUCKETS; b++)
		timed += row->bucket[b];
	ck_assert_uint_eq(timed, 1);
	is_at_place(&t->place[0]);
}

/* Numbers that no system call has; and a detail that is no number. */
static void has_odd_details(struct vs_tally *t, struct vs_verdict v)
{
	v.detail = -1;
	forked(&v, 0);
	v.detail = VS_FIRST_NUMBER + VS_SYSCALLS + 1;
	forked(&v, 0);
	ck_assert_uint_eq(t->culprit[1].key, 0);
	v.undone = VS_UNDONE_CRASH;
	v.detail = SYS_read;
	forked(&v, 0);
	ck_assert_uint_eq(by(SYS_read), 0);
	v.undone = VS_UNDONE_NOT;
	forked(&v, 0);
	ck_assert_uint_eq(t->undone[VS_UNDONE_NOT].calls, 0);
}

/* What rollbacks have taught is their fault, if the children exec. */
static void has_learned(struct vs_tally *t)
{
	struct vs_verdict v = {.engine = VS_NATIVE, .why = VS_WHY_LEARNED};

	forked(&v, vs_time_ns(CLOCK_MONOTONIC));
	v.because = VS_UNDONE_SIGNAL;
	forked(&v, vs_time_ns(CLOCK_MONOTONIC));
	ck_assert_uint_eq(t->native[VS_WHY_LEARNED].took_calls, 0);
	ck_assert_uint_eq(t->undone[VS_UNDONE_SIGNAL].took_calls, 1);
	ck_assert_uint_eq(t->undone[VS_UNDONE_SIGNAL].calls, 0);
	v.why = VS_WHY_TRACED;
	forked(&v, vs_time_ns(CLOCK_MONOTONIC));
	ck_assert_uint_eq(t->native[VS_WHY_TRACED].took_calls, 1);
}

static void saves_time(struct vs_tally *t)
{
	struct vs_verdict v = {
		.engine = VS_TXN, .fetched_kb = 64, .native_us = 5000000};

	forked(&v, vs_time_ns(CLOCK_MONOTONIC) - 1000000000);
	ck_assert_uint_eq(t->native[VS_WHY_NONE].took_calls, 0);
	ck_assert_uint_eq(t->place[1].engine, VS_TXN);
	ck_assert_uint_eq(vs_wide_read(&t->place[1].fetched_kb), 64);
	ck_assert_uint_gt(vs_wide_read(&t->saved_us), 3900000);
	ck_assert_uint_le(vs_wide_read(&t->saved_us), 4000000);
}

START_TEST(counted)
{
	struct vs_verdict v = {.engine = VS_NATIVE,
			       .why = VS_WHY_UNDONE,
			       .undone = VS_UNDONE_SYSCALL,
			       .detail = SYS_write};
	struct vs_tally *t = vs_tally;

	want_stats();
	takes_a_second(t, v);
	has_odd_details(t, v);
	has_learned(t);
	saves_time(t);
	vs_stats_reset();
	for (size_t i = 0; i < sizeof(*t); i++)
		ck_assert_uint_eq(((unsigned char *)t)[i], 0);
	unlink(file);
}
END_TEST

/* A fork() that fails is none, but what was rolled back before is counted. */
START_TEST(failed)
{
	want_stats();
	vs_stats_call(
		&(struct vs_call){.entry = VS_ENTRY_fork,
				  .start = vs_time_ns(CLOCK_MONOTONIC),
				  .forks = true,
				  .result = -EAGAIN,
				  .verdict = {.engine = VS_NATIVE,
					      .why = VS_WHY_UNDONE,
					      .undone = VS_UNDONE_TIMEOUT}});
	ck_assert_uint_eq(vs_all_calls(vs_tally), 0);
	ck_assert_uint_eq(vs_tally->undone[VS_UNDONE_TIMEOUT].calls, 1);
	unlink(file);
}
END_TEST

/* More sites than there is room for. */
START_TEST(many_sites)
{
	unsigned n = 0;

	want_stats();
	for (unsigned i = 0; i < 3 * VS_MAX_PLACES; i++)
		vs_stats_call(&(struct vs_call){.entry = VS_ENTRY_posix_spawn,
						.caller = 0x2000 + i / 2 * 8});
	for (int i = 0; i < VS_MAX_PLACES; i++)
		n += vs_tally->place[i].calls;
	ck_assert_uint_eq(n, 2 * VS_MAX_PLACES);
	ck_assert_uint_eq(vs_tally->elsewhere, VS_MAX_PLACES);
	ck_assert_uint_eq(vs_all_calls(vs_tally), 3 * VS_MAX_PLACES);
	unlink(file);
}
END_TEST

enum { THREADS = 4, CALLS = 20000 };

static void *count(void *arg)
{
	(void)arg;
	for (int i = 0; i < CALLS; i++)
		vs_stats_spawned(VS_ENTRY_posix_spawn, vs_stats_start());
	return NULL;
}

START_TEST(by_threads)
{
	const struct vs_row *row = row_of(VS_ENTRY_posix_spawn, VS_SPAWN);
	pthread_t thread[THREADS];
	unsigned timed = 0;

	vs_config.reports = VS_REPORT_SUMMARY;
	for (int i = 0; i < THREADS; i++)
		pthread_create(&thread[i], NULL, count, NULL);
	for (int i = 0; i < THREADS; i++)
		pthread_join(thread[i], NULL);
	ck_assert_uint_eq(row->calls, THREADS * CALLS);
	for (int b = 0; b < VS_BUCKETS; b++)
		timed += row->bucket[b];
	ck_assert_uint_eq(timed, THREADS * CALLS);
}
END_TEST

UNIT(stats, not_wanted, counted, failed, many_sites, by_threads)
