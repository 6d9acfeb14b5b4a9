/* SPDX-License-Identifier: MIT
 * The summary as one object of JSON, in one line: libvspawn(7) says what is in
 * it.
 */
#include <string.h>

#include "stats/report/figures.h"
#include "stats/report/report.h"

static void key(struct vs_text *to, const char *name)
{
	int last = to->size ? to->buf[to->size - 1] : '{';

	if (last != '{' && last != '[' && last != ':')
		vs_put(to, ",");
	if (!name)
		return;
	vs_put(to, "\"");
	vs_put(to, name);
	vs_put(to, "\":");
}

static void string(struct vs_text *to, const char *name, const char *value,
		   size_t room)
{
	key(to, name);
	vs_put_quoted(to, value, strnlen(value, room));
}

#define STRING(to, name, array) string(to, name, array, sizeof(array))

static void number(struct vs_text *to, const char *name, uint64_t value)
{
	key(to, name);
	vs_put_number(to, value, 0);
}

static void microseconds(struct vs_text *to, const char *name, uint64_t ns)
{
	key(to, name);
	vs_put_tenths(to, (ns + 50) / 100, 0);
}

static void begin(struct vs_text *to, const char *name, const char *bracket)
{
	key(to, name);
	vs_put(to, bracket);
}

static void durations(struct vs_text *to, const vs_counter *bucket)
{
	microseconds(to, "p50_us", vs_percentile_ns(bucket, 50));
	microseconds(to, "p99_us", vs_percentile_ns(bucket, 99));
}

/* By powers of two: how many were below. */
static void histogram(struct vs_text *to, const vs_counter *bucket)
{
	begin(to, "log2_ns", "{");
	for (unsigned b = 0; b < VS_BUCKETS; b += VS_OCTAVE) {
		uint64_t n = 0;

		for (unsigned i = 0; i < VS_OCTAVE; i++)
			n += bucket[b + i];
		if (!n)
			continue;
		key(to, NULL);
		vs_put(to, "\"");
		vs_put_number(to, 1ULL << (b / VS_OCTAVE + 3), 0);
		vs_put(to, "\":");
		vs_put_number(to, n, 0);
	}
	vs_put(to, "}");
}

static void rows(struct vs_text *to, const struct vs_report *r)
{
	begin(to, "calls", "[");
	for (int i = 0; i < VS_MAX_ROWS; i++) {
		const struct vs_row *row = &r->tally->row[i];

		if (!row->key || !row->calls)
			continue;
		begin(to, NULL, "{");
		STRING(to, "function", row->entry);
		STRING(to, "engine", r->names->engine[vs_row_engine(row)]);
		number(to, "calls", row->calls);
		number(to, "us", vs_wide_read(&row->us));
		durations(to, row->bucket);
		histogram(to, row->bucket);
		vs_put(to, "}");
	}
	vs_put(to, "]");
}

static void causes(struct vs_text *to, const char *name,
		   const struct vs_cause *cause, const struct vs_named *named,
		   unsigned n)
{
	begin(to, name, "[");
	for (unsigned i = 0; i < n; i++) {
		if (!cause[i].calls)
			continue;
		begin(to, NULL, "{");
		STRING(to, "reason", named[i].name);
		STRING(to, "text", named[i].text);
		number(to, "calls", cause[i].calls);
		vs_put(to, "}");
	}
	vs_put(to, "]");
}

static void culprits(struct vs_text *to, const struct vs_tally *t)
{
	begin(to, "rolled_back_by", "[");
	for (int i = 0; i < VS_MAX_CULPRITS; i++) {
		if (!t->culprit[i].calls)
			continue;
		begin(to, NULL, "{");
		STRING(to, "syscall", t->culprit[i].name);
		number(to, "calls", t->culprit[i].calls);
		vs_put(to, "}");
	}
	vs_put(to, "]");
}

static void place(struct vs_text *to, const struct vs_report *r,
		  const struct vs_place *p)
{
	const char *symbol = r->symbol ? r->symbol(p) : NULL;

	begin(to, NULL, "{");
	STRING(to, "function", p->entry);
	STRING(to, "engine", r->names->engine[p->engine % VS_NAMED_ENGINES]);
	if (p->offset) {
		STRING(to, "module", p->module);
		number(to, "offset", p->offset);
	}
	number(to, "address", p->address);
	if (symbol)
		string(to, "symbol", symbol, strlen(symbol));
	number(to, "calls", p->calls);
	number(to, "rolled_back", p->undone);
	durations(to, p->bucket);
	number(to, "fetched_kb", vs_wide_read(&p->fetched_kb));
	number(to, "saved_us", vs_wide_read(&p->saved_us));
	if (p->why && p->why < VS_MAX_WHYS)
		STRING(to, "reason", r->names->why[p->why].name);
	if (p->undone_why && p->undone_why < VS_MAX_UNDONES)
		STRING(to, "undone", r->names->undone[p->undone_why].name);
	vs_put(to, "}");
}

static void places(struct vs_text *to, const struct vs_report *r)
{
	begin(to, "sites", "[");
	for (int i = 0; i < VS_MAX_PLACES; i++) {
		if (r->tally->place[i].ready)
			place(to, r, &r->tally->place[i]);
	}
	vs_put(to, "]");
	number(to, "sites_elsewhere", r->tally->elsewhere);
}

static void members(struct vs_text *to, const struct vs_live *live)
{
	begin(to, "processes", "[");
	for (int i = 0; i < VS_MAX_MEMBERS; i++) {
		const struct vs_member *m = &live->member[i];

		if (!m->pid)
			continue;
		begin(to, NULL, "{");
		number(to, "pid", m->pid);
		number(to, "calls", m->calls);
		number(to, "committed", m->committed);
		number(to, "rolled_back", m->undone);
		number(to, "native", m->native);
		vs_put(to, "}");
	}
	vs_put(to, "]");
	STRING(to, "executable", live->executable);
	STRING(to, "settings", live->settings);
	number(to, "created", live->created_ns / 1000000000);
}

void vs_report_json(struct vs_text *to, const struct vs_report *r)
{
	uint64_t us = 0;
	const char *lost = vs_report_lost(r, &us);

	vs_put(to, "{");
	number(to, "schema", VS_SCHEMA);
	number(to, "pid", r->pid);
	string(to, "program", r->program, sizeof(r->live->program));
	if (r->live)
		members(to, r->live);
	number(to, "committed", vs_engine_calls(r->tally, VS_ROW_TXN));
	number(to, "rolled_back", vs_undone_calls(r->tally));
	number(to, "saved_us", vs_wide_read(&r->tally->saved_us));
	if (lost) {
		number(to, "lost_us", us);
		string(to, "lost_for", lost, strlen(lost));
	}
	rows(to, r);
	causes(to, "native_reasons", r->tally->native, r->names->why,
	       VS_MAX_WHYS);
	causes(to, "rolled_back_reasons", r->tally->undone, r->names->undone,
	       VS_MAX_UNDONES);
	culprits(to, r->tally);
	places(to, r);
	number(to, "trace_lost", r->trace_lost);
	number(to, "trace_errno", (uint64_t)r->trace_error);
	number(to, "live_errno", (uint64_t)r->live_error);
	vs_put(to, "}\n");
}
