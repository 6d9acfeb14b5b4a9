/* SPDX-License-Identifier: MIT
 *
 * For Prometheus: its text format (version 0.0.4), as the textfile collector of
 * node_exporter takes it from a file.
 */
#include <string.h>

#include "output.h"
#include "stats/report/figures.h"

/* One metric of all processes is one block. */
struct metric {
	const char *name, *type, *help;
	void (*print)(FILE *to, const struct metric *m,
		      const struct live_file *f);
};

/* A value of a label. */
static void put_value(FILE *to, const char *s)
{
	for (; *s; s++) {
		if (*s == '"' || *s == '\\')
			putc('\\', to);
		putc((unsigned char)*s < 0x80 ? *s : '?', to);
	}
}

/* Up to the last brace. */
static void put_name(FILE *to, const struct metric *m, const char *suffix,
		     const struct live_file *f)
{
	fprintf(to, "%s%s{pid=\"%u\",program=\"", m->name, suffix, f->data.pid);
	put_value(to, f->data.program);
	fputs("\"", to);
}

static void put_label(FILE *to, const char *label, const char *value)
{
	fprintf(to, ",%s=\"", label);
	put_value(to, value);
	fputs("\"", to);
}

static void put_row(FILE *to, const struct metric *m, const char *suffix,
		    const struct live_file *f, const struct vs_row *row)
{
	put_name(to, m, suffix, f);
	put_label(to, "function", row->entry);
	put_label(to, "engine", f->data.names.engine[vs_row_engine(row)]);
}

static void put_up(FILE *to, const struct metric *m, const struct live_file *f)
{
	put_name(to, m, "", f);
	fprintf(to, "} %d\n", f->running);
}

static void put_calls(FILE *to, const struct metric *m,
		      const struct live_file *f)
{
	for (int i = 0; i < VS_MAX_ROWS; i++) {
		const struct vs_row *row = &f->data.tally.row[i];

		if (!row->key)
			continue;
		put_row(to, m, "", f, row);
		fprintf(to, "} %u\n", row->calls);
	}
}

/* Each bound includes those below it: from 16 us to 17 s. */
static void put_buckets(FILE *to, const struct metric *m,
			const struct live_file *f, const struct vs_row *row)
{
	enum { FIRST = 11, LAST = 31, STEP = 2 };
	uint64_t below = 0;

	for (unsigned o = 0, next = FIRST; o < VS_BUCKETS / VS_OCTAVE; o++) {
		for (unsigned i = 0; i < VS_OCTAVE; i++)
			below += row->bucket[o * VS_OCTAVE + i];
		if (o != next || o > LAST)
			continue;
		next += STEP;
		put_row(to, m, "_bucket", f, row);
		fprintf(to, ",le=\"%.9g\"} %llu\n", (double)(8ULL << o) / 1e9,
			(unsigned long long)below);
	}
	put_row(to, m, "_bucket", f, row);
	fprintf(to, ",le=\"+Inf\"} %llu\n", (unsigned long long)below);
	put_row(to, m, "_count", f, row);
	fprintf(to, "} %llu\n", (unsigned long long)below);
}

static void put_durations(FILE *to, const struct metric *m,
			  const struct live_file *f)
{
	for (int i = 0; i < VS_MAX_ROWS; i++) {
		const struct vs_row *row = &f->data.tally.row[i];

		if (!row->key)
			continue;
		put_buckets(to, m, f, row);
		put_row(to, m, "_sum", f, row);
		fprintf(to, "} %.6f\n", (double)vs_wide_read(&row->us) / 1e6);
	}
}

static void put_causes(FILE *to, const struct metric *m,
		       const struct live_file *f, const struct vs_cause *cause,
		       const struct vs_named *named, int n)
{
	for (int i = 0; i < n; i++) {
		if (!cause[i].calls)
			continue;
		put_name(to, m, "", f);
		put_label(to, "reason", named[i].name);
		fprintf(to, "} %u\n", cause[i].calls);
	}
}

static void put_native(FILE *to, const struct metric *m,
		       const struct live_file *f)
{
	put_causes(to, m, f, f->data.tally.native, f->data.names.why,
		   VS_MAX_WHYS);
}

static void put_undone(FILE *to, const struct metric *m,
		       const struct live_file *f)
{
	put_causes(to, m, f, f->data.tally.undone, f->data.names.undone,
		   VS_MAX_UNDONES);
}

static void put_saved(FILE *to, const struct metric *m,
		      const struct live_file *f)
{
	put_name(to, m, "", f);
	fprintf(to, "} %.6f\n",
		(double)vs_wide_read(&f->data.tally.saved_us) / 1e6);
}

static void put_lost(FILE *to, const struct metric *m,
		     const struct live_file *f)
{
	put_name(to, m, "", f);
	fprintf(to, "} %u\n", f->data.trace_lost);
}

static const struct metric metrics[] = {
	{"vspawn_up", "gauge", "1: the process runs; 0: it is gone.", put_up},
	{"vspawn_calls_total", "counter", "Calls that made a child, or tried.",
	 put_calls},
	{"vspawn_call_seconds", "histogram", "How long they took.",
	 put_durations},
	{"vspawn_native_total", "counter", "Calls left to libc, by reason.",
	 put_native},
	{"vspawn_rolled_back_total", "counter",
	 "Transactions rolled back, by reason.", put_undone},
	{"vspawn_saved_seconds_total", "counter",
	 "Time that transactions saved, an estimate.", put_saved},
	{"vspawn_trace_lost_total", "counter",
	 "Lines of the trace that could not be written.", put_lost},
};

void print_prometheus(FILE *to, const struct live_file *files, int n)
{
	for (size_t i = 0; i < sizeof(metrics) / sizeof(*metrics); i++) {
		const struct metric *m = &metrics[i];

		fprintf(to, "# HELP %s %s\n# TYPE %s %s\n", m->name, m->help,
			m->name, m->type);
		for (int f = 0; f < n; f++)
			m->print(to, m, &files[f]);
	}
}
