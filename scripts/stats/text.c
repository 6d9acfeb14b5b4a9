/* SPDX-License-Identifier: MIT
 * For people: the summary as at exit, then what only a live file has. */
#include <string.h>

#include "output.h"
#include "stats/report/figures.h"

static void print_time(double seconds)
{
	unsigned long s = seconds > 0 ? (unsigned long)seconds : 0;

	if (s >= 86400)
		printf("%lu d %lu h", s / 86400, s / 3600 % 24);
	else if (s >= 3600)
		printf("%lu h %lu min", s / 3600, s / 60 % 60);
	else if (s >= 60)
		printf("%lu min %lu s", s / 60, s % 60);
	else
		printf("%lu s", s);
}

static void print_head(const struct live_file *f)
{
	printf("%s, started ", f->running ? "running" : "gone");
	print_time(f->age);
	printf(" ago: %s\n", f->data.executable);
	if (*f->data.settings)
		printf("settings       %s\n", f->data.settings);
}

static void print_members(const struct vs_live *live)
{
	int n = 0;

	for (int i = 0; i < VS_MAX_MEMBERS; i++)
		n += live->member[i].pid != 0;
	if (n < 2 && (!n || live->member[0].pid == live->pid))
		return;
	puts("processes           calls       txn  rolled back   native");
	for (int i = 0; i < VS_MAX_MEMBERS; i++) {
		const struct vs_member *m = &live->member[i];

		if (m->pid)
			printf("  %-12u %10u %9u %12u %8u\n", m->pid, m->calls,
			       m->committed, m->undone, m->native);
	}
}

static const char *reason(const struct vs_live *live,
			  const struct vs_place *place)
{
	if (place->undone_why && place->undone_why < VS_MAX_UNDONES)
		return live->names.undone[place->undone_why].text;
	if (place->why && place->why < VS_MAX_WHYS)
		return live->names.why[place->why].text;
	return "";
}

static void print_site(const struct vs_live *live, const struct vs_place *place)
{
	const char *symbol = site_symbol(place), *why = reason(live, place);
	uint64_t fetched = vs_wide_read(&place->fetched_kb);

	printf("%s%s%s%s\n", site_name(place), symbol ? " (" : "",
	       symbol ? symbol : "", symbol ? ")" : "");
	printf("  %-12s %-7s %9u %10.1f %10.1f", place->entry,
	       live->names.engine[place->engine % VS_NAMED_ENGINES],
	       place->calls, (double)vs_percentile_ns(place->bucket, 50) / 1e3,
	       (double)vs_percentile_ns(place->bucket, 99) / 1e3);
	if (fetched)
		printf("  fetched %llu KB each",
		       (unsigned long long)(fetched / place->calls));
	if (place->undone)
		printf("  rolled back %u", place->undone);
	printf("%s%s\n", *why ? "  " : "", why);
}

static void print_sites(const struct vs_live *live)
{
	bool any = false;

	for (int i = 0; i < VS_MAX_PLACES; i++) {
		const struct vs_place *place = &live->tally.place[i];

		if (!place->ready || !place->calls)
			continue;
		if (!any)
			puts("call site      engine      calls     p50 us     "
			     "p99 us");
		any = true;
		print_site(live, place);
	}
	if (live->tally.elsewhere)
		printf("other sites            %9u\n", live->tally.elsewhere);
}

/* From so many microseconds on, by powers of two. */
static void print_histogram(const struct vs_names *names,
			    const struct vs_row *row)
{
	enum { OCTAVES = VS_BUCKETS / VS_OCTAVE, WIDTH = 40 };
	uint64_t n[OCTAVES] = {0}, most = 0;

	for (unsigned b = 0; b < VS_BUCKETS; b++)
		n[b / VS_OCTAVE] += row->bucket[b];
	for (int i = 0; i < OCTAVES; i++)
		most = n[i] > most ? n[i] : most;
	if (!most)
		return;
	printf("%s, %s: from us\n", row->entry,
	       names->engine[vs_row_engine(row)]);
	for (int i = 0; i < OCTAVES; i++) {
		int width = (int)((n[i] * WIDTH + most - 1) / most);

		if (n[i])
			printf("%12.1f %9llu %.*s\n",
			       i ? (double)(4ULL << i) / 1e3 : 0.0,
			       (unsigned long long)n[i], width,
			       "########################################");
	}
}

void print_text(const struct live_file *f)
{
	static char room[1 << 16];
	struct vs_text text = {room, sizeof(room), 0, false};
	const struct vs_report report = report_of(f);
	const struct vs_tally *t = &f->data.tally;

	site_of(f);
	vs_report_text(&text, &report);
	printf("%.*s", (int)(strcspn(room, "\n") + 1), room);
	print_head(f);
	printf("%.*s", (int)(text.size - strcspn(room, "\n") - 1),
	       room + strcspn(room, "\n") + 1);
	printf("saved ms %14.1f  by transactions, an estimate\n",
	       (double)vs_wide_read(&t->saved_us) / 1e3);
	print_members(&f->data);
	print_sites(&f->data);
	for (int i = 0; i < VS_MAX_ROWS; i++) {
		if (t->row[i].key)
			print_histogram(&f->data.names, &t->row[i]);
	}
}

void print_json(const struct live_file *f)
{
	static char room[1 << 18];
	struct vs_text text = {room, sizeof(room), 0, false};
	const struct vs_report report = report_of(f);

	site_of(f);
	vs_report_json(&text, &report);
	fwrite(room, 1, text.size, stdout);
}
