/* SPDX-License-Identifier: MIT
 * Reading memory of one's own that may not be there. */
#ifndef VS_READ_SELF_H
#define VS_READ_SELF_H

#include <stdint.h>
#include <sys/uio.h>

#include "port.h"

/* Copies as the kernel copies for a debugger: what is not there, or may not be
 * read, is an error and no fault. A process may always read itself, whoever it
 * has become and whether it may be dumped (__ptrace_may_access() in
 * kernel/ptrace.c asks nobody then). The bytes up to the first page that cannot
 * be read, or -EFAULT; -ENOSYS, -EPERM where the kernel lacks the call or a
 * filter refuses it. */
static inline long vs_read_self(void *to, uintptr_t from, size_t len)
{
	const struct iovec here = {to, len}, there = {(void *)from, len};

	return vs_sys(SYS_process_vm_readv, vs_sys(SYS_getpid), &here, 1,
		      &there, 1, 0);
}

#endif
