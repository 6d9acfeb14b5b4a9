/* SPDX-License-Identifier: MIT
 * The thread's call of fork() that a transaction belongs to. */
#include <stddef.h>

#include "txn/internal.h"
#include "txn/record/virtual_mask.h"

VS_THREAD struct vs_txn_call *vs_txn_calling;
VS_THREAD struct vs_txn_held vs_txn_held;

bool vs_txn_under_way(void)
{
	return vs_txn_calling != NULL;
}

bool vs_txn_left(uintptr_t sp)
{
	const struct vs_txn_call *call = vs_txn_calling;

	return (uintptr_t)call < sp || call->self != call;
}

/* A fault in a fork handler is the application's to handle, so these signals
 * stay unblocked: the kernel kills for one that is blocked. In the child they
 * are ours. */
uint64_t vs_txn_real_mask(void)
{
	uint64_t own = vs_txn_calling ? vs_txn_held.mask : 0;

	return (vs_child_real_mask() | own) & ~VS_SIGBIT(SIGSYS);
}
