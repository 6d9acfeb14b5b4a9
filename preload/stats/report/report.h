/* SPDX-License-Identifier: MIT
 * A tally in words, for people and for programs; used by scripts/stats/, too.
 */
#ifndef VS_REPORT_H
#define VS_REPORT_H

#include "stats/report/layout.h"
#include "stats/report/text.h"

struct vs_report {
	uint64_t pid;
	const char *program;
	const struct vs_names *names;
	const struct vs_tally *tally;
	uint64_t trace_lost;
	int trace_error, live_error; /* errno */
	uint64_t live_for;	     /* in seconds, of a live file; else 0 */

	/* NULL, or which function the site is in, or NULL. */
	const char *(*symbol)(const struct vs_place *place);
	const struct vs_live *live; /* NULL, or where all this is from */
};

/* The summary. */
void vs_report_text(struct vs_text *to, const struct vs_report *report);

/* The same in one line. */
void vs_report_line(struct vs_text *to, const struct vs_report *report);

/* An object of JSON in one line, with call sites. */
void vs_report_json(struct vs_text *to, const struct vs_report *report);

/* The reason that has cost most, and how much; NULL: none has. */
const char *vs_report_lost(const struct vs_report *report, uint64_t *us);

#endif
