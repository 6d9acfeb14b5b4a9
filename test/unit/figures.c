/* SPDX-License-Identifier: MIT
 * stats/: sums that cannot be torn, the buckets that durations are counted in,
 * and percentiles against a sorted list. */
#include <pthread.h>

#include "stats.h"
#include "stats/report/report.h"

/* ---- sums ---- */

/* In any order of the two steps, and across many wraps. */
START_TEST(wide)
{
	struct vs_wide w = {0};
	struct dice d = dice(3);
	uint64_t sum = 0;

	for (int i = 0; i < 100000; i++) {
		uint32_t n = roll(&d, i % 2 ? INT32_MAX : 1000);
		uint32_t halves = w.halves;

		vs_wide_add(&w, n);
		sum += n;
		ck_assert_uint_eq(vs_wide_read(&w), sum);
		/* Killed, or looked at, between the two. */
		struct vs_wide torn = {w.low, halves};

		ck_assert_uint_eq(vs_wide_read(&torn), sum);
	}
	ck_assert_uint_gt(sum, 1ULL << 40);
	vs_wide_add(&w, UINT64_MAX);
	ck_assert_uint_eq(vs_wide_read(&w), sum + INT32_MAX);
}
END_TEST

enum { ADDERS = 4, ADDS = 100000 };

static void *add_up(void *to)
{
	for (int i = 0; i < ADDS; i++)
		vs_wide_add(to, 1 << 20);
	return NULL;
}

START_TEST(wide_by_threads)
{
	struct vs_wide w = {0};
	pthread_t thread[ADDERS];
	uint64_t last = 0;

	for (int i = 0; i < ADDERS; i++)
		pthread_create(&thread[i], NULL, add_up, &w);
	while (last < 1000ULL << 20) {
		uint64_t now = vs_wide_read(&w);

		ck_assert_uint_ge(now, last);
		ck_assert_uint_lt(now - last, 1ULL << 40);
		last = now;
	}
	for (int i = 0; i < ADDERS; i++)
		pthread_join(thread[i], NULL);
	ck_assert_uint_eq(vs_wide_read(&w), (uint64_t)ADDERS * ADDS << 20);
}
END_TEST

/* ---- buckets ---- */

/* None is wider than an eighth of what is in it, and none is left out. */
START_TEST(buckets)
{
	unsigned last = 0;

	ck_assert_uint_eq(vs_bucket_of(0), 0);
	for (unsigned octave = 0; octave < 44; octave++) {
		for (unsigned i = 0; i < 256; i++) {
			uint64_t ns = (1ULL << octave) +
				      ((uint64_t)i << octave) / 256;
			unsigned b = vs_bucket_of(ns);
			double middle = (double)vs_bucket_ns(b);

			if (b < last || b > last + 1)
				ck_abort_msg("%llu: bucket %u after %u",
					     (unsigned long long)ns, b, last);
			last = b;
			if (b == VS_BUCKETS - 1)
				continue;
			if (middle > (double)ns * 17 / 16 ||
			    middle < (double)ns * 15 / 16)
				ck_abort_msg("%llu: bucket %u is %f",
					     (unsigned long long)ns, b, middle);
		}
	}
	ck_assert_uint_eq(last, VS_BUCKETS - 1);
	ck_assert_uint_eq(vs_bucket_of(UINT64_MAX), VS_BUCKETS - 1);
	/* Longer than 36 minutes is not told apart any more. */
	ck_assert_uint_lt(vs_bucket_of(36ULL * 60 * 1000000000),
			  VS_BUCKETS - 1);
}
END_TEST

/* ---- percentiles ---- */

static int ascending(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return x < y ? -1 : x > y;
}

/* From nanoseconds to minutes, as many of each size. */
static uint64_t duration(struct dice *d)
{
	unsigned bits = 4 + roll(d, 34);

	return (1ULL << bits) | (roll(d, UINT32_MAX) & ((1ULL << bits) - 1));
}

/* The smallest that at least so many are not above. */
static uint64_t exact(const uint64_t *sorted, unsigned n, unsigned percent)
{
	for (unsigned i = 0; i < n; i++) {
		if ((i + 1) * 100 >= percent * n)
			return sorted[i];
	}
	return 0;
}

START_TEST(percentiles)
{
	static const unsigned shares[] = {1, 25, 50, 90, 99, 100};
	static uint64_t ns[1000];
	struct dice d = dice(1);

	for (int round = 0; round < 200; round++) {
		static struct vs_row row;
		unsigned n = 1 + roll(&d, round < 100 ? 10 : LENGTH(ns));

		memset(&row, 0, sizeof(row));
		for (unsigned i = 0; i < n; i++) {
			ns[i] = duration(&d);
			row.bucket[vs_bucket_of(ns[i])]++;
		}
		qsort(ns, n, sizeof(*ns), ascending);
		for (int i = 0; i < LENGTH(shares); i++) {
			double want = (double)exact(ns, n, shares[i]);
			double have =
				(double)vs_percentile_ns(row.bucket, shares[i]);

			if (have < want * 15 / 16 || have > want * 17 / 16)
				ck_abort_msg("round %d, %u of %u: %f not %f",
					     round, shares[i], n, have, want);
		}
	}
}
END_TEST

/* Calls whose durations say nothing have none. */
START_TEST(not_timed)
{
	struct vs_row row = {.calls = 10};

	ck_assert_uint_eq(vs_percentile_ns(row.bucket, 50), 0);
}
END_TEST

UNIT(figures, wide, wide_by_threads, buckets, percentiles, not_timed)
