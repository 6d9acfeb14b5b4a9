/* SPDX-License-Identifier: MIT
 * The summary, one screen, or one line. */
#include "stats/report/report.h"

#include <stdbool.h>
#include <string.h>

#include "stats/report/figures.h"

/* What a transaction takes here, or as a rule. */
static uint64_t usual_ns(const struct vs_tally *t)
{
	static const uint64_t ns = 300000;

	for (unsigned i = 0; i < VS_MAX_ROWS; i++) {
		const struct vs_row *row = &t->row[i];

		if (row->key && vs_row_engine(row) == VS_ROW_TXN &&
		    !strcmp(row->entry, "fork"))
			return vs_percentile_ns(row->bucket, 50);
	}
	return ns;
}

enum { CAUSES = VS_MAX_WHYS + VS_MAX_UNDONES };

static const struct vs_cause *cause(const struct vs_tally *t, int i)
{
	return i < VS_MAX_WHYS ? &t->native[i] : &t->undone[i - VS_MAX_WHYS];
}

static const char *text_of(const struct vs_names *names, int i)
{
	return i < VS_MAX_WHYS ? names->why[i].text
			       : names->undone[i - VS_MAX_WHYS].text;
}

static uint64_t lost_us(const struct vs_cause *cause, uint64_t usual)
{
	uint64_t took = vs_wide_read(&cause->took_us);
	uint64_t would = cause->took_calls * usual / 1000;

	return took > would ? took - would : 0;
}

/* The costliest of those that are not in `named`; -1: none is left that is
 * worth a word. */
static int costliest(const struct vs_tally *t, const bool *named, uint64_t *us)
{
	uint64_t usual = usual_ns(t);
	int which = -1;

	*us = 50;
	for (int i = 0; i < CAUSES; i++) {
		uint64_t lost = lost_us(cause(t, i), usual);

		if (named[i] || lost < *us)
			continue;
		*us = lost;
		which = i;
	}
	return which;
}

const char *vs_report_lost(const struct vs_report *r, uint64_t *us)
{
	static const bool none[CAUSES];
	int which = costliest(r->tally, none, us);

	return which < 0 ? NULL : text_of(r->names, which);
}

/* The costliest first, which is the reason to do something about. */
static void put_lost(struct vs_text *to, const struct vs_report *r)
{
	bool named[CAUSES] = {false};
	enum { LINES = 8 };
	uint64_t us;

	for (int line = 0; line < LINES; line++) {
		int which = costliest(r->tally, named, &us);

		if (which < 0)
			return;
		named[which] = true;
		vs_put(to, "lost ms ");
		vs_put_tenths(to, (us + 50) / 100, 14);
		vs_put(to, "  ");
		vs_put(to, text_of(r->names, which));
		vs_put(to, "\n");
	}
}

static void put_us(struct vs_text *to, uint64_t ns)
{
	vs_put(to, " ");
	vs_put_tenths(to, (ns + 50) / 100, 10);
}

/* The next row by entry point and engine, as the table has them by time; NULL
 * at the end. */
static const struct vs_row *row_after(const struct vs_tally *t, uint32_t key)
{
	const struct vs_row *next = NULL;

	for (unsigned i = 0; i < VS_MAX_ROWS; i++) {
		const struct vs_row *row = &t->row[i];

		if (row->key > key && (!next || row->key < next->key))
			next = row;
	}
	return next;
}

static void put_rows(struct vs_text *to, const struct vs_report *r)
{
	const struct vs_row *row;

	vs_put(to, "entry          engine      calls     p50 us     p99 us\n");
	for (row = row_after(r->tally, 0); row;
	     row = row_after(r->tally, row->key)) {
		if (!row->calls)
			continue;
		vs_put_left(to, row->entry, 14);
		vs_put(to, " ");
		vs_put_left(to, r->names->engine[vs_row_engine(row)], 7);
		vs_put(to, " ");
		vs_put_number(to, row->calls, 9);
		put_us(to, vs_percentile_ns(row->bucket, 50));
		put_us(to, vs_percentile_ns(row->bucket, 99));
		vs_put(to, "\n");
	}
}

static void put_count(struct vs_text *to, const char *what, uint64_t n,
		      const char *text)
{
	vs_put_left(to, what, 14);
	vs_put(to, " ");
	vs_put_number(to, n, 9);
	vs_put(to, "  ");
	vs_put(to, text);
	vs_put(to, "\n");
}

static void put_causes(struct vs_text *to, const struct vs_report *r)
{
	const struct vs_tally *t = r->tally;

	vs_put(to, "transactions   committed ");
	vs_put_number(to, vs_engine_calls(t, VS_ROW_TXN), 0);
	vs_put(to, ", rolled back ");
	vs_put_number(to, vs_undone_calls(t), 0);
	vs_put(to, "\n");
	for (int i = 0; i < VS_MAX_UNDONES; i++) {
		if (t->undone[i].calls)
			put_count(to, "  rolled back", t->undone[i].calls,
				  r->names->undone[i].text);
	}
	for (int i = 0; i < VS_MAX_CULPRITS; i++) {
		if (t->culprit[i].calls)
			put_count(to, "    by", t->culprit[i].calls,
				  t->culprit[i].name);
	}
	for (int i = 0; i < VS_MAX_WHYS; i++) {
		if (t->native[i].calls)
			put_count(to, "  native", t->native[i].calls,
				  r->names->why[i].text);
	}
}

/* Once, here: what could not be written elsewhere. */
static void put_errors(struct vs_text *to, const struct vs_report *r)
{
	if (r->trace_lost) {
		put_count(to, "trace lost", r->trace_lost,
			  "lines could not be written: errno ");
		to->size--;
		vs_put_number(to, (uint64_t)r->trace_error, 0);
		vs_put(to, "\n");
	}
	if (r->live_error) {
		vs_put(to, "live           no file could be made: errno ");
		vs_put_number(to, (uint64_t)r->live_error, 0);
		vs_put(to, "\n");
	}
}

static void put_head(struct vs_text *to, const struct vs_report *r)
{
	vs_put(to, "vspawn: pid ");
	vs_put_number(to, r->pid, 0);
	vs_put(to, " (");
	vs_put(to, r->program);
	vs_put(to, ")");
}

void vs_report_text(struct vs_text *to, const struct vs_report *r)
{
	put_head(to, r);
	vs_put(to, "\n");
	if (vs_all_calls(r->tally)) {
		put_lost(to, r);
		put_rows(to, r);
		put_causes(to, r);
	} else {
		vs_put(to, "no call of fork() or the like has been made\n");
	}
	put_errors(to, r);
}

void vs_report_line(struct vs_text *to, const struct vs_report *r)
{
	static const unsigned engines[] = {VS_ROW_TXN, VS_ROW_SPAWN,
					   VS_ROW_SHARE, VS_ROW_NATIVE};
	uint64_t n, us;
	const char *why = vs_report_lost(r, &us);

	put_head(to, r);
	vs_put(to, ": calls ");
	vs_put_number(to, vs_all_calls(r->tally), 0);
	for (unsigned i = 0; i < sizeof(engines) / sizeof(*engines); i++) {
		n = vs_engine_calls(r->tally, engines[i]);
		if (!n)
			continue;
		vs_put(to, ", ");
		vs_put(to, r->names->engine[engines[i]]);
		vs_put(to, " ");
		vs_put_number(to, n, 0);
	}
	vs_put(to, ", rolled back ");
	vs_put_number(to, vs_undone_calls(r->tally), 0);
	vs_put(to, ", saved ms ");
	vs_put_tenths(to, vs_wide_read(&r->tally->saved_us) / 100, 0);
	if (why) {
		vs_put(to, ", lost ms ");
		vs_put_tenths(to, (us + 50) / 100, 0);
		vs_put(to, ": ");
		vs_put(to, why);
	}
	vs_put(to, "\n");
}
