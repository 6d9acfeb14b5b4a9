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
#include "txn/lesson.h"

/* One call of fork(). */
struct vs_audit;
struct vs_txn_request {
	pid_t (*real)(void);
	uintptr_t caller;	/* return address: the call site */
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

/* The calling thread is inside vs_txn_fork(): its forks are native ones. */
bool vs_txn_under_way(void);

/* At load; and in the child of a native fork. */
void vs_txn_in_new_process(void);
void vs_txn_in_native_child(void);

/* What was found out about this process may have changed. */
void vs_txn_ask_again(void);

/* To be told what each prctl(option, arg2) of the application has returned, and
 * seccomp(arg1) and userfaultfd(), which are made by syscall(); and before it
 * is made, with result 0, of a clone(arg1) whose child will not be told. */
void vs_txn_watch_prctl(long option, long arg2, long result);
void vs_txn_watch_syscall(long nr, long arg1, long result);

/* The application is about to handle a signal. */
void vs_txn_handles(int sig);

#endif
