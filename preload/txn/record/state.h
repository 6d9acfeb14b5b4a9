/* SPDX-License-Identifier: MIT
 *
 * The transaction under way: what the parent writes down before the clone and
 * the child has a copy of, and the page that both see. There is one at a time
 * in a process; the gate sees to that.
 */
#ifndef VS_TXN_STATE_H
#define VS_TXN_STATE_H

#include <linux/futex.h>
#include <signal.h>
#include <stdbool.h>

#include "base/range.h"
#include "stats/stats.h"
#include "txn/map/parts.h"
#include "txn/record/site.h"

/* Signals that a child can leave behind, as many as fit into the page: queued
 * ones may be several. */
enum { VS_MAX_SIGNALS = 28 };

struct vs_left_signals {
	siginfo_t info[VS_MAX_SIGNALS];
	int count;
};

/* RUN -> EXEC, by the child, and RUN -> ABORT, by the parent, exclude each
 * other: what is in execve() may be another program in the next moment, which
 * nobody here may kill any more. */
enum vs_txn_phase {
	VS_TXN_RUN,   /* supervised */
	VS_TXN_EXEC,  /* in execve(); if that succeeds, committed */
	VS_TXN_ROLL,  /* undone: the child leaves, a native fork follows */
	VS_TXN_ABORT, /* the child has to leave */
};

/* Chunks that the parent can hand over at once: it counts as the program's
 * memory, to RLIMIT_AS. pages.c asks for so many at most. */
enum { VS_STORE = 16 };

/* Strings that the child asks for in one demand, at the store's beginning. */
enum { VS_STRINGS = 512 };

struct vs_strings {
	struct vs_string {
		uintptr_t at;
		unsigned text, size; /* its copy, bytes behind the beginning of
				      * this; size 0: it could not be had */
	} string[VS_STRINGS];
};

/* What the child asks its parent for, and what that has put into the store; see
 * txn/serve.c. */
struct vs_served {
	unsigned strings;	   /* the demand: so many; or, if 0, */
	uintptr_t from, len;	   /* this memory */
	long got;		   /* bytes of it, at the store's beginning;
				    * or -errno; or 0: it is in the stock */
	unsigned stocked;	   /* so many chunks are in the store */
	uintptr_t stock[VS_STORE]; /* these */
};

/* What the child tells the parent: one MAP_SHARED page per process. */
struct vs_txn_page {
	/* The child's id and FUTEX_WAITERS, an entry of its robust list: the
	 * kernel makes that FUTEX_OWNER_DIED when its memory is gone, by exec
	 * or death, and wakes the parent (exit_robust_list() in kernel/futex).
	 * With its id and FUTEX_OWNER_DIED, which the kernel never writes
	 * both, it is a demand.
	 */
	_Atomic unsigned word;
	struct vs_served served;
	struct robust_list_head head;
	struct robust_list node;

	_Atomic int phase;	 /* enum vs_txn_phase */
	_Atomic bool ready;	 /* the child knows that it is one */
	_Atomic bool in_call;	 /* the child makes a call, and may wait */
	_Atomic bool made_files; /* it has to take some away if it is undone */
	_Atomic bool needs_shared; /* one child has; is never taken back */
	_Atomic bool unchecked;	   /* one could not read this map; likewise */
	_Atomic bool waits;	   /* a child that is undone, for the next: */
	_Atomic unsigned heir;	   /* heir.c says what; a futex */
	_Atomic bool left_all;	   /* all signals that it got are in `left` */
	_Atomic unsigned turn;	   /* changes with each child */
	enum vs_why_undone undone; /* of VS_TXN_ROLL */
	long detail;		   /* the system call's number */
	unsigned fetched;	   /* chunks paged in */
	unsigned worked;	   /* us, until exec */
	struct vs_left_signals left;
};

struct vs_strings *vs_txn_strings(void);

/* Behind the store: what the child is about to run, for the trace. */
struct vs_command *vs_txn_command(void);

/* Before it: the list of what the child does not copy. */
struct vs_parts_list *vs_txn_parts(void);

extern struct vs_txn {
	int mem_fd;	   /* of the parent's memory, or -1 */
	char mem_path[32]; /* which the child opens, if the parent has not */
	bool mem_refused;  /* it was not allowed to */
	bool serves;	   /* the parent does, on demand; there is no mem_fd */
	bool of_files;	   /* much of it is, privately mapped */
	bool audited;	   /* what the child does is written down; audit.h */
	long parent;	   /* its id */
	unsigned char (*store)[VS_CHUNK]; /* shared: behind the page */
	unsigned patience;  /* us that the child may work for; 0: as ever */
	bool maps_readable; /* a child may read its parent's map */
	bool renew;	    /* and has to: the list is an old one */
	bool shared_lazy;   /* some are left out */
	bool needs;	    /* children of this site have needed some */
	uint64_t handled;   /* signals that the application may handle */
	struct vs_txn_page *page; /* NULL until it is made */
	struct vs_site *site;
} vs_txn;

/* From `from` to `to`; false if the phase is another. */
bool vs_txn_step(enum vs_txn_phase from, enum vs_txn_phase to);

/* Makes the page that parent and child share, once in a process. False if there
 * is no memory for it. */
bool vs_txn_make_page(void);

/* A copy of this process is about to be made that will not call
 * vs_txn_forget(): it goes on sharing the page. */
void vs_txn_exposed(void);

/* At the start of a transaction: takes a new page if such a copy shares the
 * present one. False if there is no memory for it. */
bool vs_txn_renew_page(void);

/* In the child of a native fork: gives up its parent's page and descriptor. */
void vs_txn_forget(void);

#endif
