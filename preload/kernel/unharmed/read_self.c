/* SPDX-License-Identifier: MIT
 * See read_self.h. Raw system calls only. */
#include "kernel/unharmed/read_self.h"

#include <errno.h>
#include <sys/prctl.h>
#include <sys/uio.h>

#include "base/bytes.h"
#include "base/range.h"
#include "kernel/sys.h"

/* Loads are checked against tags that the address would have to have, which it
 * has not: a fault of its own kind, of which the kernel does not say. */
static bool loads_are_checked(void)
{
	enum { GET_TAGGED_ADDR_CTRL = 56, TCF_MASK = 3 << 1 };
	long r;

	if (!VS_TAGGED_MEMORY)
		return false;
	r = vs_sys(SYS_prctl, GET_TAGGED_ADDR_CTRL, 0, 0, 0, 0);
	return r > 0 && r & TCF_MASK;
}

long vs_read_self(void *to, uintptr_t from, size_t len)
{
	uintptr_t lo = from & -(uintptr_t)VS_PAGE;
	uintptr_t hi = (from + len + VS_PAGE - 1) & -(uintptr_t)VS_PAGE;
	long r;

	if (loads_are_checked())
		return -EINVAL;
	r = vs_sys(SYS_madvise, lo, hi - lo, VS_POPULATE_READ);
	if (r)
		return r;
	vs_copy_words(to, (const void *)from, len);
	return (long)len;
}

long vs_read_self_pinning(void *to, uintptr_t from, size_t len)
{
	const struct iovec here = {to, len}, there = {(void *)from, len};

	return vs_sys(SYS_process_vm_readv, vs_sys(SYS_getpid), &here, 1,
		      &there, 1, 0);
}

/* Without any piece it neither reads nor pins. */
bool vs_can_read_self_pinning(void)
{
	return !vs_sys(SYS_process_vm_readv, vs_sys(SYS_getpid), NULL, 0, NULL,
		       0, 0);
}
