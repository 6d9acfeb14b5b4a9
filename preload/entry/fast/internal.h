/* SPDX-License-Identifier: MIT
 *
 * What children do most between fork and exec. In the speculative child each of
 * these calls would be a trap, some 3 us; by libc's name the supervised call is
 * made directly. Anywhere else they are one branch and a tail call.
 */
#ifndef VS_ENTRY_FAST_INTERNAL_H
#define VS_ENTRY_FAST_INTERNAL_H

#include "base/errno.h"
#include "entry/internal.h"
#include "port.h"
#include "txn/calls/calls.h"
#include "txn/calls/fd/owners.h"

/* In the speculative child: the call as if it had been trapped. The result, or
 * -errno. */
static inline long vs_supervised(long nr, long a, long b, long c, long d)
{
	long args[6] = {a, b, c, d, 0, 0};

	return vs_child_syscall(nr, args);
}

#endif
