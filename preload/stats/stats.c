/* SPDX-License-Identifier: MIT
 *
 * What happened, and why: counted in private memory, so that a child that never
 * execs counts for itself; and, if VSPAWN_LIVE asks for it, in a file.
 */
#include "stats/stats.h"

#include <string.h>

#include "kernel/sys.h"
#include "libc/facts.h"
#include "libc/module.h"
#include "stats/internal.h"
#include "stats/life.h"

uint64_t vs_stats_start(void)
{
	return vs_likely(!vs_config.reports) ? 0 : vs_time_ns(CLOCK_MONOTONIC);
}

/* A fork() that has failed is none, but what was rolled back before that is;
 * and one that was refused is one that there would have been. */
static struct vs_place *count(struct vs_tally *to, const struct vs_call *call,
			      uint64_t ns)
{
	struct vs_place *place = NULL;

	if (call->result >= 0 || !call->forks ||
	    call->verdict.why == VS_WHY_STRICT) {
		vs_tally_call(to, call, ns);
		place = vs_tally_place(to, call, ns);
	}
	if (call->forks)
		vs_tally_fork(to, &call->verdict, ns);
	return place;
}

static void count_member(struct vs_member *member, const struct vs_verdict *v)
{
	member->calls++;
	member->committed += v->engine == VS_TXN;
	member->native += v->engine == VS_NATIVE;
	member->undone += v->undone != VS_UNDONE_NOT;
}

void vs_stats_call_ends(const struct vs_call *call)
{
	uint64_t ns =
		call->start ? vs_time_ns(CLOCK_MONOTONIC) - call->start : 0;
	struct vs_place *place = count(vs_tally, call, ns);

	if (vs_live) {
		count(&vs_live->tally, call, ns);
		if (call->result >= 0)
			count_member(vs_member_now(), &call->verdict);
	}
	if (vs_config.reports & VS_REPORT_TRACE)
		vs_trace(call, ns, place);
}

/* Memory that a process has only if it reports. The program has reserved none
 * yet. */
static bool make_room(void)
{
	struct {
		struct vs_tally tally;
		struct vs_summary_room summary;
	} *room = vs_map_new(sizeof(*room), MAP_PRIVATE);

	if (!room)
		return false;
	vs_tally = &room->tally;
	vs_summary_room = &room->summary;
	return true;
}

void vs_stats_begin(void)
{
	if (!make_room()) {
		vs_config.reports = 0;
		return;
	}
	vs_module_prepare();
	if (vs_config.reports & VS_REPORT_LIVE)
		vs_live_begin();
	if (vs_config.reports & VS_REPORT_TRACE)
		vs_trace_begin();
	if (vs_config.reports && vs_config.stats_signal)
		vs_summary_listen();
}

/* What has been written to, and no more: each page of the rest would be copied
 * for it. */
static void forget(struct vs_tally *t)
{
	for (int i = 0; i < VS_MAX_ROWS && t->row[i].key; i++)
		memset(&t->row[i], 0, sizeof(t->row[i]));
	for (int i = 0; i < VS_MAX_PLACES && t->place[i].key; i++)
		memset(&t->place[i], 0, sizeof(t->place[i]));
	memset(t, 0, offsetof(struct vs_tally, row));
}

void vs_stats_reset(void)
{
	if (!vs_config.reports)
		return;
	forget(vs_tally);
	vs_summary_reset();
	vs_member_begin(0);
	if (vs_config.reports & VS_REPORT_TRACE)
		vs_trace_begin();
}
