/* SPDX-License-Identifier: MIT
 * A line per process, again and again: who makes children, and how. */
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "output.h"
#include "stats/report/figures.h"

/* What there was the last time. */
struct before {
	uint32_t pid;
	uint64_t created, calls;
};

struct line {
	const struct live_file *file;
	double rate;
};

static double rate_of(const struct live_file *f, const struct before *before,
		      int n, double passed)
{
	uint64_t calls = vs_all_calls(&f->data.tally);

	for (int i = 0; i < n; i++) {
		if (before[i].pid == f->data.pid &&
		    before[i].created == f->data.created_ns)
			return (double)(uint32_t)(calls - before[i].calls) /
			       passed;
	}
	return f->age > 0 ? (double)calls / f->age : 0;
}

static int busiest(const void *a, const void *b)
{
	const struct line *x = a, *y = b;

	if (x->rate != y->rate)
		return x->rate < y->rate ? 1 : -1;
	return (x->file->data.pid > y->file->data.pid) -
	       (x->file->data.pid < y->file->data.pid);
}

/* Of the row that most calls are in. */
static uint64_t usual_ns(const struct vs_tally *t, unsigned percent)
{
	const struct vs_row *most = &t->row[0];

	for (int i = 1; i < VS_MAX_ROWS; i++) {
		if (t->row[i].calls > most->calls)
			most = &t->row[i];
	}
	return vs_percentile_ns(most->bucket, percent);
}

static void print_line(const struct line *line)
{
	const struct vs_live *live = &line->file->data;
	const struct vs_tally *t = &live->tally;

	printf("%8u %-15.15s %8.1f %9llu %9llu %9llu %9llu %9llu %9.1f %9.1f "
	       "%9.1f\n",
	       live->pid, live->program, line->rate,
	       (unsigned long long)vs_all_calls(t),
	       (unsigned long long)vs_engine_calls(t, VS_ROW_TXN),
	       (unsigned long long)vs_engine_calls(t, VS_ROW_SPAWN),
	       (unsigned long long)vs_engine_calls(t, VS_ROW_NATIVE),
	       (unsigned long long)vs_undone_calls(t),
	       (double)usual_ns(t, 50) / 1e3, (double)usual_ns(t, 99) / 1e3,
	       (double)vs_wide_read(&t->saved_us) / 1e3);
}

static void print_screen(const struct live_file *files, int n,
			 const struct before *before, int befores,
			 double passed)
{
	struct line *lines = calloc((size_t)n + 1, sizeof(*lines));
	int used = 0;

	for (int i = 0; lines && i < n; i++) {
		if (files[i].running)
			lines[used++] = (struct line){
				&files[i],
				rate_of(&files[i], before, befores, passed)};
	}
	if (lines)
		qsort(lines, (size_t)used, sizeof(*lines), busiest);
	if (isatty(STDOUT_FILENO))
		printf("\033[H\033[J");
	puts("     PID PROGRAM              /s     calls       txn     spawn   "
	     " "
	     "native    undone    p50 us    p99 us  saved ms");
	for (int i = 0; i < used; i++)
		print_line(&lines[i]);
	fflush(stdout);
	free(lines);
}

static struct before *remember(const struct live_file *files, int n)
{
	struct before *before = calloc((size_t)n + 1, sizeof(*before));

	for (int i = 0; before && i < n; i++)
		before[i] = (struct before){files[i].data.pid,
					    files[i].data.created_ns,
					    vs_all_calls(&files[i].data.tally)};
	return before;
}

int top(const char *folder, const pid_t *pid, int pids, double interval,
	int times)
{
	const struct timespec pause = {
		(time_t)interval,
		(long)((interval - (double)(time_t)interval) * 1e9)};
	struct before *before = NULL;
	int befores = 0, n;

	for (int round = 0; !times || round < times; round++) {
		struct live_file *files;

		if (round)
			nanosleep(&pause, NULL);
		files = collect(folder, pid, pids, round > 0, &n);
		if (!round && pids && !n)
			return 1;
		print_screen(files, n, before, before ? befores : 0, interval);
		free(before);
		before = remember(files, n);
		befores = n;
		free(files);
	}
	free(before);
	return 0;
}
