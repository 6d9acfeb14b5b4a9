/* SPDX-License-Identifier: MIT
 *
 * What happened, and why: one screen at exit. Counted in private memory, so
 * that a child that never execs counts for itself; VSPAWN_STATS names where
 * the summary goes: "stderr", or a file it is appended to in one write, with
 * %p for the pid. Nothing is printed for a process that made no child.
 */
#include <asm/unistd.h>
#include <errno.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "port.h"
#include "vspawn.h"

/* Arrays of characters, not of pointers: those would be relocated each time
 * the library is loaded. */
static const char engine_names[VS_ENGINES][8] = {
	[VS_SPAWN] = "spawn",
	[VS_TXN] = "txn",
	[VS_SHARE] = "share",
	[VS_NATIVE] = "native",
};

static const char reason_texts[VS_REASONS][64] = {
#define REASON(name, text) [VS_WHY_##name] = text,
#include "reason.def"
#undef REASON
};

static const char syscall_names[][32] = {
#include "syscall_names.h"
};

enum { SYSCALLS = sizeof(syscall_names) / sizeof(*syscall_names) };

/* Latencies by size: eight buckets to a power of two, from 1 ns up, so that a
 * percentile is right within 1/8. */
enum { OCTAVE = 8, BUCKETS = 40 * OCTAVE };

static struct row {
	_Atomic unsigned calls;
	_Atomic unsigned bucket[BUCKETS];
} rows[VS_ENTRIES][VS_ENGINES] VS_BIG;

static _Atomic unsigned native_why[VS_REASONS];
static _Atomic unsigned rolled_back[VS_REASONS];
static _Atomic unsigned by_syscall[SYSCALLS];

static unsigned add(_Atomic unsigned *counter)
{
	return atomic_fetch_add_explicit(counter, 1, memory_order_relaxed);
}

uint64_t vs_stats_start(void)
{
	return vs_likely(!vs_config.stats) ? 0 : vs_now_ns();
}

static unsigned bucket_of(uint64_t ns)
{
	unsigned octave, bucket;

	if (ns < OCTAVE)
		return (unsigned)ns;
	octave = 63 - (unsigned)__builtin_clzll(ns);
	bucket = (octave - 2) * OCTAVE + (ns >> (octave - 3)) % OCTAVE;
	return bucket < BUCKETS ? bucket : BUCKETS - 1;
}

/* The middle of a bucket, in nanoseconds. */
static double bucket_ns(unsigned bucket)
{
	unsigned octave = bucket / OCTAVE + 2;

	if (bucket < OCTAVE)
		return bucket;
	return (double)(1ULL << (octave - 3)) *
	       (OCTAVE + bucket % OCTAVE + 0.5);
}

void vs_stats_call(enum vs_entry entry, enum vs_engine engine,
		   enum vs_reason why, uint64_t start)
{
	struct row *row = &rows[entry][engine];

	if (vs_likely(!vs_config.stats))
		return;
	add(&row->calls);
	if (start)
		add(&row->bucket[bucket_of(vs_stats_start() - start)]);
	if (engine == VS_NATIVE)
		add(&native_why[why]);
}

void vs_stats_rollback(enum vs_reason why, long detail)
{
	add(&rolled_back[why]);
	if ((why == VS_WHY_SYSCALL || why == VS_WHY_MEMORY_CALL) &&
	    detail >= 0 && detail < SYSCALLS)
		add(&by_syscall[detail]);
}

void vs_stats_reset(void)
{
	if (!vs_config.stats)
		return;
	memset(rows, 0, sizeof(rows));
	memset(native_why, 0, sizeof(native_why));
	memset(rolled_back, 0, sizeof(rolled_back));
	memset(by_syscall, 0, sizeof(by_syscall));
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

static double percentile_us(const struct row *row, double share)
{
	unsigned seen = 0, all = row->calls;

	for (unsigned b = 0; b < BUCKETS; b++) {
		seen += row->bucket[b];
		if (seen && seen >= share * all)
			return bucket_ns(b) / 1000;
	}
	return 0;
}

static void print_rows(struct text *out)
{
	put(out, "%-14s %-7s %9s %10s %10s\n", "entry", "engine", "calls",
	    "p50 us", "p99 us");
	for (int entry = 0; entry < VS_ENTRIES; entry++) {
		for (int engine = 0; engine < VS_ENGINES; engine++) {
			const struct row *row = &rows[entry][engine];

			if (!row->calls)
				continue;
			put(out, "%-14s %-7s %9u %10.1f %10.1f\n",
			    vs_entry_name((enum vs_entry)entry),
			    engine_names[engine], row->calls,
			    percentile_us(row, 0.5), percentile_us(row, 0.99));
		}
	}
}

static void print_reasons(struct text *out)
{
	unsigned committed = 0, undone = 0;

	for (int entry = 0; entry < VS_ENTRIES; entry++)
		committed += rows[entry][VS_TXN].calls;
	for (int why = 0; why < VS_REASONS; why++)
		undone += rolled_back[why];
	put(out, "transactions   committed %u, rolled back %u\n", committed,
	    undone);
	for (int why = 0; why < VS_REASONS; why++) {
		if (rolled_back[why])
			put(out, "  rolled back  %9u  %s\n", rolled_back[why],
			    reason_texts[why]);
	}
	for (int nr = 0; nr < SYSCALLS; nr++) {
		if (by_syscall[nr])
			put(out, "    by         %9u  %s\n", by_syscall[nr],
			    *syscall_names[nr] ? syscall_names[nr] : "?");
	}
	for (int why = 0; why < VS_REASONS; why++) {
		if (native_why[why])
			put(out, "  native       %9u  %s\n", native_why[why],
			    reason_texts[why]);
	}
}

/* The file VSPAWN_STATS names, %p replaced by the pid. */
static long open_target(long pid)
{
	static struct text path VS_BIG;

	if (!strcmp(vs_config.stats, "stderr"))
		return vs_sys(SYS_fcntl, STDERR_FILENO, F_DUPFD_CLOEXEC, 3);
	for (const char *from = vs_config.stats; *from; from++) {
		if (from[0] == '%' && from[1] == 'p') {
			put(&path, "%ld", pid);
			from++;
		} else {
			put(&path, "%c", *from);
		}
	}
	return vs_sys(SYS_openat, AT_FDCWD, path.buf,
		      O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0666);
}

static bool anything_counted(void)
{
	for (int entry = 0; entry < VS_ENTRIES; entry++) {
		for (int engine = 0; engine < VS_ENGINES; engine++) {
			if (rows[entry][engine].calls)
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
	put(&out, "vspawn: pid %ld (%s)\n", pid, program_invocation_short_name);
	print_rows(&out);
	print_reasons(&out);
	fd = open_target(pid);
	r = fd;
	if (fd >= 0) {
		r = vs_sys(SYS_write, fd, out.buf, out.size);
		vs_sys(SYS_close, fd);
	}
	if (r < 0) {
		out.size = 0;
		put(&out, "vspawn: VSPAWN_STATS=%s: %s\n", vs_config.stats,
		    strerror((int)-r));
		vs_sys(SYS_write, STDERR_FILENO, out.buf, out.size);
	}
}
