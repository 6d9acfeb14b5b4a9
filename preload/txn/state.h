/* SPDX-License-Identifier: MIT
 *
 * The transaction under way: what the parent writes down before the clone and
 * the child has a copy of, and the page that both see. There is one at a time
 * in a process; the gate sees to that.
 */
#ifndef VS_TXN_STATE_H
#define VS_TXN_STATE_H

#include <signal.h>
#include <stdbool.h>

#include "base/range.h"
#include "stats/stats.h"

struct vs_site;

/* Beyond these nothing is left out, or there is no transaction. Each entry
 * costs a child that writes to it a page of .bss to copy for 256 of them; hosts
 * have tens of big mappings, rarely hundreds. */
enum { VS_MAX_LAZY = 512, VS_MAX_SHARED = 128 };

/* Signals that a child can leave behind: a ^C, a SIGTERM and a SIGHUP at once
 * are three. */
enum { VS_MAX_SIGNALS = 8 };

struct vs_left_signals {
	siginfo_t info[VS_MAX_SIGNALS];
	int count;
};

enum vs_txn_phase {
	VS_TXN_RUN,  /* supervised */
	VS_TXN_EXEC, /* in execve(); if that succeeds, committed */
	VS_TXN_ROLL, /* undone: the child leaves, a native fork follows */
};

/* What the child tells the parent: one MAP_SHARED page per process. */
struct vs_txn_page {
	_Atomic int phase;	   /* enum vs_txn_phase */
	enum vs_why_undone undone; /* of VS_TXN_ROLL */
	long detail;		   /* the system call's number */
	unsigned fetched;	   /* chunks paged in */
	struct vs_left_signals left;
};

extern struct vs_txn {
	int mem_fd; /* /proc/self/mem of the parent, or -1 */
	int lazies, shareds;
	struct vs_txn_page *page;
	struct vs_site *site;
	struct vs_range shared[VS_MAX_SHARED]; /* writable and MAP_SHARED */
	struct vs_range lazy[VS_MAX_LAZY];     /* not copied; ascending */
} vs_txn;

#endif
