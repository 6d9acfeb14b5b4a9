/* SPDX-License-Identifier: MIT
 *
 * Forks of several threads, before they enter libc's. That lets one in at a
 * time, but the gate (gate.h) is taken by a native fork before it waits for
 * libc, and by a transaction when it is in: one native fork that waits would
 * turn each transaction ahead of it into a native fork, too, of which each
 * takes a hundred times as long. So the one lets the others finish first. No
 * wait is long: this is about speed only. Raw system calls only.
 */
#ifndef VS_QUEUE_H
#define VS_QUEUE_H

#include <stdbool.h>

/* Waits while native forks wait or are under way; nothing is held. */
void vs_queue_wait(void);

/* Around a transaction, from before libc's fork to its end, with all signals
 * blocked. */
void vs_queue_enter(void);
void vs_queue_leave(void);

/* Whether there are any, of this process. */
bool vs_queue_is_busy(void);

/* Around entering the gate for a native fork that libc is to make, likewise:
 * waits until no transaction is on its way, and lets no more begin. */
void vs_queue_announce(void);
void vs_queue_announced(void);

/* In the child of a native fork. */
void vs_queue_reset(void);

#endif
