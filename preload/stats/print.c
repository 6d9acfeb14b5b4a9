/* SPDX-License-Identifier: MIT
 *
 * The summary at exit, one screen: VSPAWN_STATS names where it goes, "stderr",
 * or a file it is appended to in one write, with %p for the pid. Nothing is
 * printed for a process that made no child.
 */
#include <asm/unistd.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/compiler.h"
#include "base/config.h"
#include "base/line.h"
#include "kernel/write_unharmed.h"
#include "stats/internal.h"

/* Arrays of characters, not of pointers: those would be relocated each time
 * the library is loaded. */
static const char engine_names[VS_ENGINES][8] = {
	[VS_SPAWN] = "spawn",
	[VS_TXN] = "txn",
	[VS_SHARE] = "share",
	[VS_NATIVE] = "native",
};

static const char native_texts[VS_WHYS][64] = {
#define NATIVE(name, text) [VS_WHY_##name] = text,
#define UNDONE(name, text)
#include "stats/reason.def"
#undef NATIVE
#undef UNDONE
};

static const char undone_texts[VS_UNDONES][64] = {
#define NATIVE(name, text)
#define UNDONE(name, text) [VS_UNDONE_##name] = text,
#include "stats/reason.def"
#undef NATIVE
#undef UNDONE
};

static const char entry_names[VS_ENTRIES][48] = {
#define ENTRY(name, kind) [VS_ENTRY_##name] = #name,
#include "entry/entry.def"
#undef ENTRY
};

static const char syscall_names[VS_SYSCALLS][32] = {
#include "syscall_names.h"
};

const char *vs_stats_entry_name(enum vs_entry entry)
{
	return entry_names[entry];
}

const char *vs_stats_why_native(enum vs_why_native why)
{
	return native_texts[why];
}

const char *vs_stats_why_undone(enum vs_why_undone why)
{
	return undone_texts[why];
}

const char *vs_stats_syscall_name(long nr)
{
	unsigned long i = (unsigned long)nr - VS_FIRST_NUMBER;

	return i < VS_SYSCALLS && *syscall_names[i] ? syscall_names[i] : "?";
}

/* The middle of a bucket, in nanoseconds. */
static double bucket_ns(unsigned bucket)
{
	unsigned octave = bucket / VS_OCTAVE + 2;

	if (bucket < VS_OCTAVE)
		return bucket;
	return (double)(1ULL << (octave - 3)) *
	       (VS_OCTAVE + bucket % VS_OCTAVE + 0.5);
}

/* One screen; what does not fit is left out. Not for the stack: exit() may be
 * called on a small one. */
struct text {
	unsigned size;
	char buf[8192];
};

__attribute__((format(printf, 2, 3))) static void put(struct text *to,
						      const char *format, ...)
{
	unsigned room = sizeof(to->buf) - to->size;
	va_list args;
	int n;

	va_start(args, format);
	n = vsnprintf(to->buf + to->size, room, format, args);
	va_end(args);
	if (n > 0)
		to->size += (unsigned)n < room ? (unsigned)n : room - 1;
}

static double percentile_us(const struct vs_row *row, double share)
{
	unsigned seen = 0, all = row->calls;

	for (unsigned b = 0; b < VS_BUCKETS; b++) {
		seen += row->bucket[b];
		if (seen && seen >= share * all)
			return bucket_ns(b) / 1000;
	}
	return 0;
}

/* What a transaction takes here, or as a rule. */
static double usual_us(void)
{
	static const double us = 300;
	const struct vs_row *row = &vs_counts.row[VS_ENTRY_fork][VS_TXN];

	return row->calls ? percentile_us(row, 0.5) : us;
}

static double lost_ms(const struct vs_took *took)
{
	return ((double)took->us - took->calls * usual_us()) / 1000;
}

/* The costliest first, which is the reason to do something about. */
static void print_lost(struct text *out)
{
	static bool named[VS_WHYS + VS_UNDONES];
	enum { LINES = 8 };

	for (int line = 0; line < LINES; line++) {
		double most = 0.05;
		int which = -1;

		for (int i = 0; i < VS_WHYS + VS_UNDONES; i++) {
			double ms = lost_ms(
				i < VS_WHYS
					? &vs_counts.native_took[i]
					: &vs_counts.undone_took[i - VS_WHYS]);

			if (named[i] || ms < most)
				continue;
			most = ms;
			which = i;
		}
		if (which < 0)
			return;
		named[which] = true;
		put(out, "lost ms %14.1f  %s\n", most,
		    which < VS_WHYS ? native_texts[which]
				    : undone_texts[which - VS_WHYS]);
	}
}

static void print_rows(struct text *out)
{
	put(out, "%-14s %-7s %9s %10s %10s\n", "entry", "engine", "calls",
	    "p50 us", "p99 us");
	for (int entry = 0; entry < VS_MAKERS; entry++) {
		for (int engine = 0; engine < VS_ENGINES; engine++) {
			const struct vs_row *row =
				&vs_counts.row[entry][engine];

			if (!row->calls)
				continue;
			put(out, "%-14s %-7s %9u %10.1f %10.1f\n",
			    entry_names[entry], engine_names[engine],
			    row->calls, percentile_us(row, 0.5),
			    percentile_us(row, 0.99));
		}
	}
}

static void print_undone(struct text *out)
{
	unsigned committed = 0, undone = 0;

	for (int entry = 0; entry < VS_MAKERS; entry++)
		committed += vs_counts.row[entry][VS_TXN].calls;
	for (int why = 0; why < VS_UNDONES; why++)
		undone += vs_counts.undone[why];
	put(out, "transactions   committed %u, rolled back %u\n", committed,
	    undone);
	for (int why = 0; why < VS_UNDONES; why++) {
		if (vs_counts.undone[why])
			put(out, "  rolled back  %9u  %s\n",
			    vs_counts.undone[why], undone_texts[why]);
	}
	for (int nr = 0; nr < VS_SYSCALLS; nr++) {
		if (vs_counts.by_syscall[nr])
			put(out, "    by         %9u  %s\n",
			    vs_counts.by_syscall[nr],
			    *syscall_names[nr] ? syscall_names[nr] : "?");
	}
}

static void print_native(struct text *out)
{
	for (int why = 0; why < VS_WHYS; why++) {
		if (vs_counts.native[why])
			put(out, "  native       %9u  %s\n",
			    vs_counts.native[why], native_texts[why]);
	}
}

/* The file VSPAWN_STATS names; its name is put together where the text will be.
 */
static long open_target(struct text *room, long pid)
{
	struct vs_line line = vs_line_in(room->buf, sizeof(room->buf));

	if (!strcmp(vs_config.stats, "stderr"))
		return STDERR_FILENO;
	vs_put_name(&line, vs_config.stats, pid);
	return vs_sys(SYS_openat, AT_FDCWD, room->buf,
		      O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0666);
}

static bool anything_counted(void)
{
	for (int entry = 0; entry < VS_MAKERS; entry++) {
		for (int engine = 0; engine < VS_ENGINES; engine++) {
			if (vs_counts.row[entry][engine].calls)
				return true;
		}
	}
	return false;
}

void vs_stats_print(void)
{
	long pid = vs_sys(SYS_getpid), fd, r;
	static struct text out VS_BIG;

	if (!anything_counted())
		return;
	fd = open_target(&out, pid);
	put(&out, "vspawn: pid %ld (%s)\n", pid, vs_config.program);
	print_lost(&out);
	print_rows(&out);
	print_undone(&out);
	print_native(&out);
	r = fd;
	if (fd >= 0) {
		r = vs_write_unharmed(fd, out.buf, out.size);
		if (fd != STDERR_FILENO)
			vs_sys(SYS_close, fd);
	}
	if (r < 0) {
		out.size = 0;
		put(&out, "vspawn: VSPAWN_STATS=%s: %s\n", vs_config.stats,
		    strerror((int)-r));
		vs_write_unharmed(STDERR_FILENO, out.buf, out.size);
	}
}
