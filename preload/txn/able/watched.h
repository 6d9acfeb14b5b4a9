/* SPDX-License-Identifier: MIT
 *
 * What the application does by libc's functions that says something of
 * transactions: told by the entry points.
 */
#ifndef VS_WATCHED_H
#define VS_WATCHED_H

#include <stdbool.h>
#include <stdint.h>

#include "stats/stats.h"

/* What each prctl(option, arg2) has returned, and seccomp(arg1) and
 * userfaultfd(), which are made by syscall(); and before it is made, with
 * result 0, a clone(arg1) whose child will not be told. */
void vs_txn_watch_prctl(long option, long arg2, long result);
void vs_txn_watch_syscall(long nr, long arg1, long result);

/* It is about to handle a signal. */
void vs_txn_handles(int sig);

/* Signals that it has set a handler for, ever. */
uint64_t vs_txn_has_handled(void);

/* Whether it has a filter of its own, that it was seen to load: which may kill
 * for a system call that the program itself never makes. */
bool vs_txn_own_filter(void);

/* It has been found to answer fanotify. */
void vs_txn_answers(void);

/* VS_WHY_NONE, or what it has done that speaks against a transaction. */
enum vs_why_native vs_txn_watched(void);

#endif
