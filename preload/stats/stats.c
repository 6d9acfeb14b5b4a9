/* SPDX-License-Identifier: MIT
 *
 * What happened, and why, counted in private memory, so that a child that never
 * execs counts for itself.
 */
#include "stats/stats.h"

#include <stdatomic.h>
#include <stdbool.h>
#include <string.h>

#include "base/compiler.h"
#include "base/config.h"
#include "libc/facts.h"
#include "port.h"
#include "stats/internal.h"

struct vs_counts vs_counts VS_BIG;

static unsigned add(_Atomic unsigned *counter)
{
	return atomic_fetch_add_explicit(counter, 1, memory_order_relaxed);
}

uint64_t vs_stats_start(void)
{
	return vs_likely(!vs_config.stats) ? 0 : vs_time_ns();
}

static unsigned bucket_of(uint64_t ns)
{
	unsigned octave, bucket;

	if (ns < VS_OCTAVE)
		return (unsigned)ns;
	octave = 63 - (unsigned)__builtin_clzll(ns);
	bucket = (octave - 2) * VS_OCTAVE +
		 (unsigned)(ns >> (octave - 3)) % VS_OCTAVE;
	return bucket < VS_BUCKETS ? bucket : VS_BUCKETS - 1;
}

static void took(struct vs_took *what, uint64_t ns)
{
	add(&what->calls);
	atomic_fetch_add_explicit(&what->us, (unsigned long)(ns / 1000),
				  memory_order_relaxed);
}

void vs_stats_call(enum vs_entry entry, const struct vs_verdict *verdict,
		   uint64_t start)
{
	struct vs_row *row = &vs_counts.row[entry][verdict->engine];

	if (vs_likely(!vs_config.stats))
		return;
	add(&row->calls);
	if (start)
		add(&row->bucket[bucket_of(vs_time_ns() - start)]);
	if (verdict->engine == VS_NATIVE)
		add(&vs_counts.native[verdict->why]);
}

static void undone(const struct vs_verdict *verdict)
{
	long nr = verdict->detail - VS_FIRST_NUMBER;

	add(&vs_counts.undone[verdict->undone]);
	if ((verdict->undone == VS_UNDONE_SYSCALL ||
	     verdict->undone == VS_UNDONE_MEMORY_CALL) &&
	    nr >= 0 && nr < VS_SYSCALLS)
		add(&vs_counts.by_syscall[nr]);
}

/* These two cost less natively, and so does what never execs. */
static bool may_be_lost(enum vs_why_native why)
{
	return why != VS_WHY_SMALL && why != VS_WHY_SLOW &&
	       why != VS_WHY_LEARNED;
}

void vs_stats_fork(const struct vs_verdict *verdict, uint64_t start)
{
	uint64_t ns;

	if (vs_likely(!vs_config.stats))
		return;
	if (verdict->undone != VS_UNDONE_NOT)
		undone(verdict);
	if (!start || verdict->engine != VS_NATIVE)
		return;
	ns = vs_time_ns() - start;
	if (verdict->undone != VS_UNDONE_NOT)
		took(&vs_counts.undone_took[verdict->undone], ns);
	else if (may_be_lost(verdict->why))
		took(&vs_counts.native_took[verdict->why], ns);
	else if (verdict->because != VS_UNDONE_NOT)
		took(&vs_counts.undone_took[verdict->because], ns);
}

void vs_stats_reset(void)
{
	if (vs_config.stats)
		memset(&vs_counts, 0, sizeof(vs_counts));
}
