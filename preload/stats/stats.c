/* SPDX-License-Identifier: MIT
 *
 * What happened, and why, counted in private memory, so that a child that never
 * execs counts for itself.
 */
#include <stdatomic.h>
#include <string.h>

#include "stats/internal.h"

struct vs_counts vs_counts VS_BIG;

static unsigned add(_Atomic unsigned *counter)
{
	return atomic_fetch_add_explicit(counter, 1, memory_order_relaxed);
}

uint64_t vs_stats_start(void)
{
	return vs_likely(!vs_config.stats) ? 0 : vs_now_ns();
}

static unsigned bucket_of(uint64_t ns)
{
	unsigned octave, bucket;

	if (ns < VS_OCTAVE)
		return (unsigned)ns;
	octave = 63 - (unsigned)__builtin_clzll(ns);
	bucket = (octave - 2) * VS_OCTAVE + (ns >> (octave - 3)) % VS_OCTAVE;
	return bucket < VS_BUCKETS ? bucket : VS_BUCKETS - 1;
}

void vs_stats_call(enum vs_entry entry, enum vs_engine engine,
		   enum vs_reason why, uint64_t start)
{
	struct vs_row *row = &vs_counts.row[entry][engine];

	if (vs_likely(!vs_config.stats))
		return;
	add(&row->calls);
	if (start)
		add(&row->bucket[bucket_of(vs_stats_start() - start)]);
	if (engine == VS_NATIVE)
		add(&vs_counts.native_why[why]);
}

void vs_stats_rollback(enum vs_reason why, long detail)
{
	add(&vs_counts.rolled_back[why]);
	detail -= VS_FIRST_NUMBER;
	if ((why == VS_WHY_SYSCALL || why == VS_WHY_MEMORY_CALL) &&
	    detail >= 0 && detail < VS_SYSCALLS)
		add(&vs_counts.by_syscall[detail]);
}

void vs_stats_reset(void)
{
	if (vs_config.stats)
		memset(&vs_counts, 0, sizeof(vs_counts));
}
