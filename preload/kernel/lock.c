/* SPDX-License-Identifier: MIT
 * See lock.h. 1: taken; 2: and somebody may be waiting; 3: taken over. */
#include "kernel/lock.h"

#include <errno.h>
#include <linux/futex.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <time.h>

#include "kernel/own_memory.h"
#include "port.h"

/* Far longer than anybody has one. */
enum { STALE_S = 1 };

/* A child made by a clone of which we were not told has a copy of the word as
 * another thread of its parent had it. Of several threads of such a child one
 * takes it over, and the others begin to wait anew. */
static bool take_over(vs_lock *lock)
{
	int stale = 2;

	return vs_memory_is_copied() &&
	       atomic_compare_exchange_strong(lock, &stale, 3);
}

void vs_lock_take(vs_lock *lock)
{
	const struct timespec limit = {.tv_sec = STALE_S};
	int free = 0;
	long r;

	if (atomic_compare_exchange_strong(lock, &free, 1))
		return;
	while (atomic_exchange(lock, 2)) {
		r = vs_sys(SYS_futex, lock, FUTEX_WAIT_PRIVATE, 2, &limit);
		if (r == -ETIMEDOUT && take_over(lock))
			return;
	}
}

void vs_lock_drop(vs_lock *lock)
{
	if (atomic_exchange(lock, 0) > 1)
		vs_sys(SYS_futex, lock, FUTEX_WAKE_PRIVATE, 1);
}
