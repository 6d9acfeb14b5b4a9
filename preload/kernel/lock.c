/* SPDX-License-Identifier: MIT
 * See lock.h. 1: taken; 2: and somebody may be waiting. */
#include "kernel/lock.h"

#include <linux/futex.h>
#include <stdatomic.h>
#include <stddef.h>

#include "port.h"

void vs_lock_take(vs_lock *lock)
{
	int free = 0;

	if (atomic_compare_exchange_strong(lock, &free, 1))
		return;
	while (atomic_exchange(lock, 2))
		vs_sys(SYS_futex, lock, FUTEX_WAIT_PRIVATE, 2, NULL);
}

void vs_lock_drop(vs_lock *lock)
{
	if (atomic_exchange(lock, 0) == 2)
		vs_sys(SYS_futex, lock, FUTEX_WAKE_PRIVATE, 1);
}
