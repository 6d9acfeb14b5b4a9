/* SPDX-License-Identifier: MIT
 *
 * Memory that is made once in a process, when first used, over a place that the
 * library has kept in its own image. The program would notice memory anywhere
 * else: a hole in a range that it has reserved is its own, and what it unmaps
 * whole must not be ours.
 */
#ifndef VS_ONCE_H
#define VS_ONCE_H

#include <stdbool.h>
#include <stddef.h>

#include "kernel/lock.h"

/* Zero at first, and again in the child of a fork that shall have its own. */
struct vs_once {
	vs_lock lock;
	_Atomic bool made;
};

/* Maps `size` bytes of new zeroed memory over `place`, which is aligned to
 * pages and whole pages long. `flags` is MAP_SHARED or MAP_PRIVATE. False if
 * that is not possible. Of threads that come at once one does it, and the
 * others wait; cheap when done. */
bool vs_map_once(struct vs_once *once, void *place, size_t size, int flags);

/* In the child of a fork: whether there may be such memory. Another thread may
 * have been making it; that one is not here, and has left its lock. */
static inline bool vs_once_inherited(struct vs_once *once)
{
	bool may_be = once->made || once->lock;

	vs_lock_reset(&once->lock);
	return may_be;
}

#endif
