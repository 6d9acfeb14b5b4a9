/* SPDX-License-Identifier: MIT
 *
 * What happened to each call, and why; counted per process, if VSPAWN_STATS
 * asks for it. All functions preserve errno and may be called by several
 * threads at once; none may be called in a child that is supervised or shares
 * memory.
 */
#ifndef VS_STATS_H
#define VS_STATS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/compiler.h"
#include "base/config.h"
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
	unsigned fetched_kb; /* that a transaction's child has brought in */
	unsigned
		native_us; /* what a native fork would have taken; 0: unknown */

	/* NULL, or room for what a transaction's child has run. */
	struct vs_command *command;
};

/* A file and its arguments, each with a NUL, as far as there was room. */
enum { VS_COMMAND_ROOM = 1528 };

struct vs_command {
	unsigned size; /* 0: none */
	bool cut;
	char text[VS_COMMAND_ROOM];
};

/* One call of an entry point that makes processes, for its report. */
struct vs_call {
	enum vs_entry entry;
	uintptr_t caller; /* return address: the call site; 0: unknown */
	uint64_t start;	  /* of vs_stats_start(); 0: how long says nothing */
	bool execs;	  /* no call that makes a process, but before an exec */
	bool forks;	  /* as fork() does, perhaps by way of a transaction */
	long result;	  /* a pid, or -errno; 0: unknown */
	const char *file; /* and arguments, or NULL */
	char *const *argv;
	struct vs_verdict verdict;
};

/* Now, in nanoseconds of CLOCK_MONOTONIC, if anything is wanted; else 0. */
uint64_t vs_stats_start(void);

/* Before a child, or any other process, execs: for the trace. May be called in
 * a child that shares memory. */
void vs_stats_exec(enum vs_entry entry, const char *file, char *const *argv);

/* It has returned, in the parent. */
void vs_stats_call_ends(const struct vs_call *call);

static inline void vs_stats_call(const struct vs_call *call)
{
	if (vs_unlikely(vs_config.reports))
		vs_stats_call_ends(call);
}

static inline void vs_stats_spawned(enum vs_entry entry, uint64_t start)
{
	vs_stats_call(&(struct vs_call){.entry = entry, .start = start});
}

static inline void vs_stats_native(enum vs_entry entry, enum vs_why_native why,
				   uint64_t start, long result)
{
	vs_stats_call(&(struct vs_call){
		.entry = entry,
		.start = start,
		.result = result,
		.verdict = {.engine = VS_NATIVE, .why = why}});
}

#endif
