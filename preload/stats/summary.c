/* SPDX-License-Identifier: MIT
 *
 * The summary of this process: at exit, or when it gets the signal that
 * VSPAWN_STATS_SIGNAL names. VSPAWN_STATS says where it goes: "stderr", or a
 * file that it is appended to in one write. Nothing is printed of a process
 * that made no child, but of the one that vspawn --stats has started. All this
 * may run in a signal handler.
 */
#include <errno.h>
#include <limits.h>
#include <stdatomic.h>
#include <string.h>
#include <unistd.h>

#include "base/child_kind.h"
#include "base/compiler.h"
#include "base/config.h"
#include "kernel/ksignal.h"
#include "stats/internal.h"
#include "stats/life.h"
#include "stats/report/report.h"

struct vs_summary_room *vs_summary_room;

static void describe(struct vs_report *r)
{
	*r = (struct vs_report){
		.pid = (uint64_t)vs_sys(SYS_getpid),
		.program = vs_config.program,
		.names = &vs_names,
		.tally = vs_tally,
		.trace_lost = vs_trace_lost,
		.trace_error = (int)vs_trace_error,
		.live_error = vs_live_error(),
	};
}

/* strerror() may translate, and allocate. */
static void complain(struct vs_text *out, long error, bool handling)
{
	out->size = 0;
	vs_put(out, "vspawn: VSPAWN_STATS=");
	vs_put(out, vs_config.stats);
	vs_put(out, ": ");
	if (handling) {
		vs_put(out, "errno ");
		vs_put_number(out, (uint64_t)-error, 0);
	} else {
		vs_put(out, strerror((int)-error));
	}
	vs_put(out, "\n");
	vs_write_text(STDERR_FILENO, out);
}

static void print(bool handling)
{
	struct vs_summary_room *room = vs_summary_room;
	struct vs_text out = {room->report, sizeof(room->report), 0, false};
	struct vs_text path = {room->path, sizeof(room->path), 0, false};
	struct vs_report report;
	long r = -ENAMETOOLONG;

	describe(&report);
	switch (vs_config.stats_format) {
	case VS_FORMAT_TEXT:
		vs_report_text(&out, &report);
		break;
	case VS_FORMAT_LINE:
		vs_report_line(&out, &report);
		break;
	case VS_FORMAT_JSON:
		vs_report_json(&out, &report);
		break;
	}
	if (!strcmp(vs_config.stats, "stderr"))
		r = vs_write_text(STDERR_FILENO, &out);
	else if (vs_expand(&path, vs_config.stats))
		r = vs_append(path.buf, &out, handling);
	if (r < 0)
		complain(&out, r, handling);
}

static _Atomic int busy;

void vs_summary_reset(void)
{
	busy = 0;
}

/* One at a time: a handler does not wait for what it has interrupted. */
static void print_alone(bool handling)
{
	int free = 0;

	if ((!vs_all_calls(vs_tally) &&
	     vs_config.stats_pid != vs_sys(SYS_getpid)) ||
	    !atomic_compare_exchange_strong(&busy, &free, 1))
		return;
	print(handling);
	busy = 0;
}

void vs_stats_print(void)
{
	if (vs_config.reports & VS_REPORT_SUMMARY)
		print_alone(false);
}

/* ---- by a signal ---- */

static void on_signal(int sig, siginfo_t *info, void *context)
{
	(void)sig;
	(void)info;
	if (!vs_speculative)
		print_alone(true);
	vs_handler_end(context);
}

/* If the program has none, and may still set its own. */
void vs_summary_listen(void)
{
	struct vs_ksigaction now, ours;

	vs_sigaction(vs_config.stats_signal, NULL, &now);
	if (vs_is_ignored(&now) || vs_is_handled(&now))
		return;
	vs_ksigaction_set(&ours, on_signal,
			  SA_SIGINFO | SA_RESTART | SA_ONSTACK);
	vs_sigaction(vs_config.stats_signal, &ours, NULL);
}
