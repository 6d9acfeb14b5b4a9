/* SPDX-License-Identifier: MIT
 *
 * What is counted, and the file that a running process keeps of it: see
 * stats/live.c for how it is made, scripts/stats/ for who reads it. Every type
 * has the same size and alignment on every CPU, so that a 64-bit reader
 * understands a 32-bit program; names are in the file, so that the reader need
 * not be of the same build. Whoever changes anything here changes VS_SCHEMA.
 *
 * Counters are written by any thread of several processes, without locks: each
 * is one word, which no CPU tears. They wrap around at 2^32. What may exceed
 * that is a struct vs_wide.
 */
#ifndef VS_LAYOUT_H
#define VS_LAYOUT_H

#include <stdatomic.h>
#include <stdint.h>

enum { VS_SCHEMA = 1, VS_BYTE_ORDER = 0x01020304 };
#define VS_LIVE_MAGIC "vspawn\n" /* eight bytes with the NUL */

/* On some CPUs of 32 bits a struct would have it on four bytes. */
typedef uint64_t vs_u64 __attribute__((aligned(8)));
typedef _Atomic uint32_t vs_counter;

/* Latencies by size: eight buckets to a power of two, from 1 ns up, so that a
 * percentile is right within 1/8. */
enum { VS_OCTAVE = 8, VS_BUCKETS = 40 * VS_OCTAVE };

/* A sum of 63 bits in two words, neither of which has to be changed with the
 * other: `low` is the sum modulo 2^32, and `halves` says how often its highest
 * bit has changed. One that is a change late shows in that bit. Each addend is
 * less than 2^31. */
struct vs_wide {
	vs_counter low, halves;
};

/* Why calls were native, or rolled back; and of those of fork() that cost more
 * than a transaction how many there were, and how long they took. */
struct vs_cause {
	vs_counter calls, took_calls;
	struct vs_wide took_us;
};

/* A system call that transactions were rolled back for. */
struct vs_culprit {
	vs_counter key; /* its number and 1; 0: free */
	vs_counter calls;
	char name[24];
};

/* What one engine has done for one entry point. */
struct vs_row {
	vs_counter key; /* see vs_row_key(); 0: free */
	vs_counter calls;
	struct vs_wide us;
	char entry[24];
	vs_counter bucket[VS_BUCKETS];
};

/* The same for one call site, which is told by its return address. */
struct vs_place {
	vs_counter key;	  /* of address, entry and engine; 0: free */
	vs_counter ready; /* all that is not a counter is filled in */
	vs_counter calls, undone;
	uint32_t engine;
	vs_counter why, undone_why; /* of the last that was; 0: none was */
	uint32_t spare;
	vs_u64 address, offset; /* the latter in `module`, as its symbols */
	struct vs_wide us, saved_us, fetched_kb;
	char entry[24];
	char module[104]; /* a path; its end, if it is longer */
	vs_counter bucket[VS_BUCKETS];
};

enum {
	VS_MAX_WHYS = 48,
	VS_MAX_UNDONES = 24,
	VS_MAX_CULPRITS = 32,
	VS_MAX_ROWS = 20,
	VS_MAX_PLACES = 32,
	VS_MAX_MEMBERS = 32,
	VS_NAMED_ENGINES = 4,
};

struct vs_tally {
	struct vs_cause native[VS_MAX_WHYS], undone[VS_MAX_UNDONES];
	struct vs_wide saved_us; /* by transactions, an estimate */
	vs_counter elsewhere;	 /* calls of sites beyond the table */
	uint32_t spare;
	struct vs_culprit culprit[VS_MAX_CULPRITS];
	struct vs_row row[VS_MAX_ROWS];
	struct vs_place place[VS_MAX_PLACES];
};

/* How a reason is called by programs, and by people. */
struct vs_named {
	char name[20];
	char text[60];
};

struct vs_names {
	char engine[VS_NAMED_ENGINES][8];
	struct vs_named why[VS_MAX_WHYS], undone[VS_MAX_UNDONES];
};

/* A process that has counted: the one that was started, or one that it has
 * forked. A table that is full is used again. */
struct vs_member {
	vs_counter pid;
	vs_counter calls, committed, undone, native;
};

struct vs_live {
	char magic[8];
	uint32_t byte_order, schema;
	uint32_t size; /* of all this */
	uint32_t bits; /* of a pointer there */
	uint32_t pid, uid;
	vs_u64 created_ns;	/* CLOCK_REALTIME */
	vs_u64 created_boot_ns; /* CLOCK_BOOTTIME: its pid was its own then */
	vs_counter ready;	/* all that is not a counter is filled in */
	vs_counter trace_lost, trace_error; /* lines; errno of the last */
	uint32_t spare;
	char program[64];
	char executable[256];
	char settings[256]; /* as in the environment, blanks between them */
	struct vs_names names;
	struct vs_member member[VS_MAX_MEMBERS];
	struct vs_tally tally;
};

_Static_assert(sizeof(struct vs_row) == 40 + 4 * VS_BUCKETS, "on every CPU");
_Static_assert(sizeof(struct vs_place) == 200 + 4 * VS_BUCKETS, "the same");
_Static_assert(sizeof(struct vs_live) == 83024, "the same");

#endif
