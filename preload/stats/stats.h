/* SPDX-License-Identifier: MIT
 *
 * What happened to each call, and why; counted per process, if VSPAWN_STATS
 * asks for it. All functions preserve errno and may be called by several
 * threads at once; none may be called in a child that is supervised or shares
 * memory.
 */
#ifndef VS_STATS_H
#define VS_STATS_H

#include <stdint.h>

#include "libc/real.h"

enum vs_engine { VS_SPAWN, VS_TXN, VS_SHARE, VS_NATIVE, VS_ENGINES };

/* Why a call went to the real function. VS_WHY_NONE: it need not. */
enum vs_why_native {
	VS_WHY_NONE,
#define NATIVE(name, text) VS_WHY_##name,
#define UNDONE(name, text)
#include "stats/reason.def"
#undef NATIVE
#undef UNDONE
	VS_WHYS
};

/* Why a transaction was undone. VS_UNDONE_NOT: it was not. */
enum vs_why_undone {
	VS_UNDONE_NOT,
#define NATIVE(name, text)
#define UNDONE(name, text) VS_UNDONE_##name,
#include "stats/reason.def"
#undef NATIVE
#undef UNDONE
	VS_UNDONES
};

/* What became of one call. The entry point has it on its stack, the engines
 * fill it in, the statistics read it: reasons have no other way. */
struct vs_verdict {
	enum vs_engine engine;
	enum vs_why_native why;	    /* of VS_NATIVE */
	enum vs_why_undone undone;  /* before that a transaction was, and why */
	long detail;		    /* of `undone`: a system call's number */
	enum vs_why_undone because; /* of VS_WHY_LEARNED: children exec, but */
};

/* Now, in nanoseconds of CLOCK_MONOTONIC, if statistics are wanted; else 0. */
uint64_t vs_stats_start(void);

/* A call of `entry` has made a child; `start` is from vs_stats_start(), or 0 if
 * its duration says nothing. */
void vs_stats_call(enum vs_entry entry, const struct vs_verdict *verdict,
		   uint64_t start);

/* What has become of a call of fork(), in the parent: a transaction was undone,
 * if verdict->undone says so; and how long it took instead, which counts for
 * the reason that one was rolled back for, now or before. */
void vs_stats_fork(const struct vs_verdict *verdict, uint64_t start);

/* In the child of a native fork, which counts anew. */
void vs_stats_reset(void);

/* The summary, where VSPAWN_STATS says. */
void vs_stats_print(void);

static inline void vs_stats_spawned(enum vs_entry entry, uint64_t start)
{
	vs_stats_call(entry, &(struct vs_verdict){.engine = VS_SPAWN}, start);
}

static inline void vs_stats_native(enum vs_entry entry, enum vs_why_native why,
				   uint64_t start)
{
	vs_stats_call(entry,
		      &(struct vs_verdict){.engine = VS_NATIVE, .why = why},
		      start);
}

#endif
