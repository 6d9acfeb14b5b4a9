/* SPDX-License-Identifier: MIT
 *
 * The transactional fork: a real fork() whose big memory is not copied but
 * paged in on demand, and whose child is supervised until it execs. This is
 * what the entry points know of it; see begin.c for the order of events.
 */
#ifndef VS_TXN_H
#define VS_TXN_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "stats/stats.h"
#include "txn/record/lesson.h"

/* One call of fork(). */
struct vs_audit;
struct vs_txn_request {
	pid_t (*real)(void);
	uintptr_t caller;	/* return address: the call site */
	uintptr_t caller_sp;	/* the stack pointer there */
	bool forced;		/* whether it pays or not */
	struct vs_audit *audit; /* where its record is to be copied, or NULL */
	uint64_t refuse_above;	/* with more memory it fails with ENOMEM rather
				 * than that a native fork takes its place */

	/* For the child of a native fork, when it is made in the end: makes it
	 * forget what belonged to its parent. */
	void (*in_native_child)(void);

	/* Filled in: what there is to learn from a native fork instead. */
	struct vs_lesson *lesson;
};

/* Calls request->real, which forks, as a transaction, if that is possible and
 * pays. False, with verdict->why, if it was not called at all. Else *pid is
 * what it returned: a pid, 0 in either kind of child, or -1 and errno. */
bool vs_txn_fork(const struct vs_txn_request *request,
		 struct vs_verdict *verdict, pid_t *pid);

/* Whether a transaction could be tried in this process and thread, pays or not:
 * VS_WHY_NONE, or why not. */
enum vs_why_native vs_txn_eligible(void);

/* As vs_gate_recover(), of a call of vs_txn_fork() that has given up. */
void vs_txn_recover(uintptr_t sp);

/* The calling thread is inside vs_txn_fork(): its forks are native ones. */
bool vs_txn_under_way(void);

/* In the child of a native fork. */
void vs_txn_in_native_child(void);

#endif
