/* SPDX-License-Identifier: MIT
 * What the child of a transaction is not to copy: found, and marked. Raw system
 * calls only. */
#ifndef VS_SCAN_H
#define VS_SCAN_H

#include "base/range.h"
#include "txn/record/state.h"

/* Finds what the child shall not copy (parts.h), and what is shared; `stack` is
 * where the frames of this call are, which it needs before it can handle a
 * fault. 0 or -errno. */
long vs_scan(struct vs_txn *txn, const struct vs_range *stack);

/* The same, and marks it. 0, or -errno with nothing marked. */
long vs_exclude(struct vs_txn *txn, const struct vs_range *stack);
void vs_exclude_undo(void);

/* A transaction was undone: the next one's map is read anew. */
void vs_recall_forget(void);

#endif
