/* SPDX-License-Identifier: MIT
 * A lock that sleeps: a spinning thread of a real-time class would keep the
 * holder from running. Raw system calls only. */
#ifndef VS_LOCK_H
#define VS_LOCK_H

#include <stdatomic.h>

/* 0 is free. In the child of a fork it may have to be set to that. */
typedef _Atomic int vs_lock;

/* Waits until it is free, or where that will never be: in a copy of the memory
 * of another process, for a second (own_memory.h). */
void vs_lock_take(vs_lock *lock);
void vs_lock_drop(vs_lock *lock);

/* In the child of a fork. Most are free, and whoever writes to a page there
 * copies it. */
static inline void vs_lock_reset(vs_lock *lock)
{
	if (atomic_load(lock))
		atomic_store(lock, 0);
}

/* Of threads that sleep: one less, but never less than none. A handler may have
 * forked while its thread slept, and this be the child, which counts anew. */
static inline void vs_count_down(_Atomic int *sleepers)
{
	int now = atomic_load(sleepers);

	while (now > 0 &&
	       !atomic_compare_exchange_weak(sleepers, &now, now - 1))
		;
}

#endif
