/* SPDX-License-Identifier: MIT
 * What counters say, for the summary and for scripts/stats/. No system calls,
 * nothing of libc. */
#ifndef VS_FIGURES_H
#define VS_FIGURES_H

#include "stats/report/layout.h"

/* The halves first: what is added to both between the two looks shows. */
static inline uint64_t vs_wide_read(const struct vs_wide *w)
{
	uint32_t halves = w->halves, low = w->low;

	halves += (halves & 1) != low >> 31;
	return (uint64_t)(halves >> 1) << 32 | low;
}

/* The middle of a bucket. */
static inline uint64_t vs_bucket_ns(unsigned bucket)
{
	unsigned octave = bucket / VS_OCTAVE + 2;
	uint64_t step = octave < 3 ? 1 : 1ULL << (octave - 3);

	if (bucket < VS_OCTAVE)
		return bucket;
	return step * (VS_OCTAVE + bucket % VS_OCTAVE) + step / 2;
}

/* The duration that so many of a hundred were not above; 0: none was timed. */
static inline uint64_t vs_percentile_ns(const vs_counter *bucket,
					unsigned percent)
{
	uint64_t seen = 0, all = 0;

	for (unsigned b = 0; b < VS_BUCKETS; b++)
		all += bucket[b];
	for (unsigned b = 0; b < VS_BUCKETS && all; b++) {
		seen += bucket[b];
		if (seen && seen * 100 >= percent * all)
			return vs_bucket_ns(b);
	}
	return 0;
}

/* Numbers of engines, as names.engine has them. */
enum { VS_ROW_SPAWN, VS_ROW_TXN, VS_ROW_SHARE, VS_ROW_NATIVE };

static inline uint32_t vs_row_key(unsigned entry, unsigned engine)
{
	return 1 + entry * VS_NAMED_ENGINES + engine;
}

static inline unsigned vs_row_engine(const struct vs_row *row)
{
	return (row->key - 1) % VS_NAMED_ENGINES;
}

/* Calls that `engine` took. */
static inline uint64_t vs_engine_calls(const struct vs_tally *t,
				       unsigned engine)
{
	uint64_t n = 0;

	for (unsigned i = 0; i < VS_MAX_ROWS; i++) {
		if (t->row[i].key && vs_row_engine(&t->row[i]) == engine)
			n += t->row[i].calls;
	}
	return n;
}

static inline uint64_t vs_all_calls(const struct vs_tally *t)
{
	uint64_t n = 0;

	for (unsigned i = 0; i < VS_MAX_ROWS; i++)
		n += t->row[i].calls;
	return n;
}

static inline uint64_t vs_undone_calls(const struct vs_tally *t)
{
	uint64_t n = 0;

	for (unsigned i = 0; i < VS_MAX_UNDONES; i++)
		n += t->undone[i].calls;
	return n;
}

#endif
