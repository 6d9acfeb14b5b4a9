/* SPDX-License-Identifier: MIT
 * See once.h. Raw system calls only. */
#include "kernel/once.h"

#include <stdatomic.h>

#include "kernel/sigmask.h"
#include "kernel/sys.h"

/* Signals are blocked: a handler may fork. */
bool vs_map_once(struct vs_once *once, void *place, size_t size, int flags)
{
	vs_sigset old;
	bool made;

	if (vs_likely(atomic_load(&once->made)))
		return true;
	vs_block_all(&old);
	vs_lock_take(&once->lock);
	made = once->made;
	if (!made)
		made = vs_sys(SYS_mmap, place, size, PROT_READ | PROT_WRITE,
			      flags | MAP_ANONYMOUS | MAP_FIXED, -1,
			      0) == (long)place;
	atomic_store(&once->made, made);
	vs_lock_drop(&once->lock);
	vs_unblock(&old);
	return made;
}
