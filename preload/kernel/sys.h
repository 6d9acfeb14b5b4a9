/* SPDX-License-Identifier: MIT
 * Raw system calls that several rooms make in the same way. */
#ifndef VS_SYS_H
#define VS_SYS_H

#include <stddef.h>
#include <stdint.h>
#include <sys/mman.h>
#include <time.h>

#include "base/errno.h"
#include "port.h"

/* New zeroed memory, readable and writable, or NULL. `flags` is MAP_SHARED or
 * MAP_PRIVATE. It lasts until it is unmapped. */
static inline void *vs_map_new(size_t size, int flags)
{
	long r = vs_sys(SYS_mmap, 0, size, PROT_READ | PROT_WRITE,
			flags | MAP_ANONYMOUS, -1, 0);

	return vs_is_error(r) ? NULL : (void *)r;
}

/* Whether a system call comes back twice, in a copy of the process. */
static inline bool vs_is_fork(long nr, const long args[6])
{
#ifdef SYS_fork
	if (nr == SYS_fork)
		return true;
#endif
	return nr == SYS_clone && !(args[VS_CLONE_FLAGS] & CLONE_VM) &&
	       !args[VS_CLONE_STACK];
}

/* Nanoseconds of a clock, by the kernel: libfaketime has another idea of it,
 * and may stop it altogether. */
static inline uint64_t vs_clock_ns(long clock)
{
	unsigned long now[2] = {0, 0}; /* seconds, nanoseconds */

	vs_sys(SYS_clock_gettime, clock, now);
	return (uint64_t)now[0] * 1000000000 + now[1];
}

static inline uint64_t vs_now_ns(void)
{
	return vs_clock_ns(CLOCK_MONOTONIC);
}

#endif
