/* SPDX-License-Identifier: MIT
 *
 * vspawn stats and vspawn top: the numbers of processes that run, or have been
 * killed, from the files that VSPAWN_LIVE makes. Exits with 0; 1 if there are
 * none; 2 for a mistake.
 */
#include <errno.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <string.h>
#include <unistd.h>

#include "output.h"
#include "stats/report/figures.h"

static const char usage[] =
	"usage: vspawn stats [--json | --prometheus[=FILE]] [--all] "
	"[--dir=DIR] [PID...]\n"
	"       vspawn top [--interval=SECONDS] [--times=N] [--dir=DIR] "
	"[PID...]\n"
	"\n"
	"What the library has done in processes that were started with\n"
	"VSPAWN_LIVE or vspawn --live; without PID, in all that run.\n"
	"\n"
	"  --json             one line of JSON each\n"
	"  --prometheus       in Prometheus' text format; to FILE: by rename,\n"
	"                     for node_exporter's textfile collector\n"
	"  --all              those that are gone, too\n"
	"  --dir=DIR          look in this folder only\n"
	"  --interval=SECONDS between two screens of top (2)\n"
	"  --times=N          so many screens\n";

struct options {
	bool json, prometheus;
	const char *file, *folder;
	double interval;
	int times, pids;
	pid_t *pid;
};

struct vs_report report_of(const struct live_file *file)
{
	return (struct vs_report){
		.pid = file->data.pid,
		.program = file->data.program,
		.names = &file->data.names,
		.tally = &file->data.tally,
		.trace_lost = file->data.trace_lost,
		.trace_error = (int)file->data.trace_error,
		.symbol = site_symbol,
		.live = &file->data,
	};
}

/* ---- the files ---- */

struct list {
	struct live_file *file;
	int n;
};

static bool with_gone;

static void append(const struct live_file *file, void *arg)
{
	struct list *list = arg;
	size_t size = ((size_t)list->n + 1) * sizeof(*file);
	struct live_file *more = realloc(list->file, size);

	if (!more)
		return;
	list->file = more;
	list->file[list->n++] = *file;
}

static void append_running(const struct live_file *file, void *arg)
{
	if (file->running || with_gone)
		append(file, arg);
}

struct live_file *collect(const char *folder, const pid_t *pid, int pids,
			  bool quiet, int *n)
{
	static struct live_file one;
	struct list list = {0};
	const char *why;

	if (!pids)
		live_each(folder, append_running, &list);
	for (int i = 0; i < pids; i++) {
		why = live_find(&one, pid[i], folder);
		if (!why)
			append(&one, &list);
		else if (!quiet)
			fprintf(stderr, "vspawn: %d: %s\n", (int)pid[i], why);
	}
	*n = list.n;
	return list.file;
}

/* ---- printing ---- */

/* Whoever reads it finds the old one or the new one, and nothing between. */
static int write_file(const char *path, const struct live_file *files, int n)
{
	char temporary[PATH_MAX];
	FILE *to;
	int fd;

	/* The collector takes what ends in .prom. */
	snprintf(temporary, sizeof(temporary), "%s.XXXXXX", path);
	fd = mkstemp(temporary);
	to = fd < 0 ? NULL : fdopen(fd, "w");
	if (to) {
		print_prometheus(to, files, n);
		fchmod(fd, 0644);
		if (!(ferror(to) | fclose(to)) && !rename(temporary, path))
			return 0;
	}
	fprintf(stderr, "vspawn: %s: %s\n", path, strerror(errno));
	if (fd >= 0)
		unlink(temporary);
	return 1;
}

static int stats(const struct options *o)
{
	int n, status = 0;
	struct live_file *files =
		collect(o->folder, o->pid, o->pids, false, &n);

	if (o->file)
		status = write_file(o->file, files, n);
	else if (o->prometheus)
		print_prometheus(stdout, files, n);
	for (int i = 0; i < n && !o->prometheus; i++) {
		if (o->json)
			print_json(&files[i]);
		else
			print_text(&files[i]);
		if (!o->json && i < n - 1)
			putchar('\n');
	}
	free(files);
	if (!n && !o->pids && !o->prometheus)
		fputs("vspawn: no live files: start a program with vspawn "
		      "--live, or VSPAWN_LIVE=auto; --all: of programs that "
		      "are gone\n",
		      stderr);
	if (fflush(stdout) || ferror(stdout))
		return 1;
	return status || (o->pids ? n < o->pids : !n && !o->prometheus);
}

/* ---- the command line ---- */

static const char *value_of(const char *arg, const char *option)
{
	size_t n = strlen(option);

	return !strncmp(arg, option, n) && arg[n] == '=' ? arg + n + 1 : NULL;
}

static void mistake(const char *arg)
{
	fprintf(stderr, "vspawn: %s: not an option, nor a process id\n%s", arg,
		usage);
	exit(2);
}

static void read_option(struct options *o, const char *arg, bool is_top)
{
	const char *v;
	char *end = NULL;

	if (!strcmp(arg, "--json") && !is_top) {
		o->json = true;
	} else if (!strcmp(arg, "--all") && !is_top) {
		with_gone = true;
	} else if (!strcmp(arg, "--prometheus") && !is_top) {
		o->prometheus = true;
	} else if ((v = value_of(arg, "--prometheus")) && *v && !is_top) {
		o->prometheus = true;
		o->file = v;
	} else if ((v = value_of(arg, "--dir")) && *v) {
		o->folder = v;
	} else if ((v = value_of(arg, "--interval")) && is_top) {
		o->interval = strtod(v, &end);
		if (end == v || *end || !(o->interval > 0))
			mistake(arg);
	} else if ((v = value_of(arg, "--times")) && is_top) {
		o->times = atoi(v);
	} else {
		long pid = strtol(arg, &end, 10);

		if (end == arg || *end || pid <= 0 || pid > INT_MAX)
			mistake(arg);
		o->pid[o->pids++] = (pid_t)pid;
	}
}

int main(int argc, char **argv)
{
	struct options o = {.interval = 2};
	bool is_top = argc > 1 && !strcmp(argv[1], "top");

	o.pid = calloc((size_t)argc + 1, sizeof(*o.pid));
	if (!o.pid || argc < 2 || (!is_top && strcmp(argv[1], "stats") != 0)) {
		fputs(usage, stderr);
		return 2;
	}
	for (int i = 2; i < argc; i++) {
		if (!strcmp(argv[i], "--help")) {
			fputs(usage, stdout);
			return 0;
		}
		read_option(&o, argv[i], is_top);
	}
	if (is_top)
		return top(o.folder, o.pid, o.pids, o.interval, o.times);
	return stats(&o);
}
