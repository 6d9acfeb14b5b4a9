/* SPDX-License-Identifier: MIT
 * read(), write() and their like, on what only this child has, or without an
 * effect. */
#include <unistd.h>

#include "txn/child/internal.h"

long vs_transfer_call(long nr, const long args[6])
{
	bool writes = nr == SYS_write;
	bool asks = nr == SYS_lseek && args[1] == 0 && args[2] == SEEK_CUR;

	if (vs_mem_fd_is(args[0]))
		return vs_syscall6(nr, -1, args[1], args[2], args[3], args[4],
				   args[5]);
	if (!asks && vs_owner(args[0]) != VS_FD_PIPE &&
	    (writes || vs_owner(args[0]) != VS_FD_FILE))
		vs_child_rollback(VS_UNDONE_SYSCALL, nr);
	/* It would stop half way. */
	if (nr != SYS_lseek && !writes &&
	    vs_pages_shared((uintptr_t)args[1], (uintptr_t)args[2]))
		vs_child_rollback(VS_UNDONE_SHARED_WRITE, 0);
	if (vs_owner(args[0]) == VS_FD_FILE && nr != SYS_getdents64)
		vs_child.looked = true;
	if (nr == SYS_getdents64)
		return vs_mem_fd_list(args[0], (char *)args[1], args[2]);
	if (nr != SYS_lseek)
		vs_child_want((uintptr_t)args[1], (uintptr_t)args[2]);
	/* The offset of a pread64 may be in two arguments. */
	return vs_syscall6(nr, args[0], args[1], args[2], args[3], args[4],
			   args[5]);
}
