/* SPDX-License-Identifier: MIT
 * Any other CPU: no stub, so every engine degrades to the real libc. */
#ifndef VS_ARCH_SYSCALL_H
#define VS_ARCH_SYSCALL_H

#include <errno.h>
#include <stdbool.h>
#include <unistd.h>

#define VS_ARCH_STUB		 0
#define VS_SIGACTION_RESTORER	 0
#define VS_LIBC_RESTORER	 0
#define VS_SIGACTION_FLAGS_FIRST 0
#define VS_CLONE_FLAGS		 0
#define VS_CLONE_STACK		 1
#define VS_TAGGED_MEMORY	 0

/* Good enough for a process that shares its memory with nobody. */
static inline long vs_syscall6(long nr, long a, long b, long c, long d, long e,
			       long f)
{
	int saved = errno;
	long result = syscall(nr, a, b, c, d, e, f);

	if (result == -1) {
		result = -errno;
		errno = saved;
	}
	return result;
}

static inline bool vs_vfork_by_libc(void)
{
	return true;
}

#endif
