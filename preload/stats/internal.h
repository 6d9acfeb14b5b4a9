/* SPDX-License-Identifier: MIT
 * Between stats.c, which counts, and print.c. */
#ifndef VS_STATS_INTERNAL_H
#define VS_STATS_INTERNAL_H

#include "stats/stats.h"

/* Latencies by size: eight buckets to a power of two, from 1 ns up, so that a
 * percentile is right within 1/8. */
enum { VS_OCTAVE = 8, VS_BUCKETS = 40 * VS_OCTAVE };

/* More than there are; numbers from the CPU's first on. */
enum { VS_SYSCALLS = 512 };

/* Entry points that make processes, which are the first in the table. */
enum {
#define MAKES		  +1
#define EXECS		  +0
#define BUILDS		  +0
#define WATCH		  +0
#define FAST		  +0
#define ENDS		  +0
#define ENTRY(name, kind) kind
	VS_MAKERS = 0
#include "entry/entry.def"
#undef ENTRY
#undef MAKES
#undef EXECS
#undef BUILDS
#undef WATCH
#undef FAST
#undef ENDS
};

struct vs_row {
	_Atomic unsigned calls;
	_Atomic unsigned bucket[VS_BUCKETS];
};

extern struct vs_counts {
	struct vs_row row[VS_MAKERS][VS_ENGINES];
	_Atomic unsigned native[VS_WHYS];
	_Atomic unsigned undone[VS_UNDONES];
	_Atomic unsigned by_syscall[VS_SYSCALLS];

	/* Calls of fork() that were no transactions, and how long they took. */
	struct vs_took {
		_Atomic unsigned calls;
		_Atomic unsigned long us;
	} native_took[VS_WHYS], undone_took[VS_UNDONES];
} vs_counts;

/* ---- print.c: what they are called ---- */

const char *vs_stats_entry_name(enum vs_entry entry);
const char *vs_stats_why_native(enum vs_why_native why);
const char *vs_stats_why_undone(enum vs_why_undone why);
const char *vs_stats_syscall_name(long nr);

#endif
