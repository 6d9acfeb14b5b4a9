/* SPDX-License-Identifier: MIT
 * What the child has opened, by descriptor. Those beyond the table count as
 * inherited: then the child may do less with them. */
#include "txn/child/internal.h"

enum { TRACKED = 1024 };
static unsigned char owner[TRACKED];

enum vs_fd_owner vs_owner(long fd)
{
	return fd >= 0 && fd < TRACKED ? (enum vs_fd_owner)owner[fd]
				       : VS_FD_INHERITED;
}

void vs_owner_set(long fd, enum vs_fd_owner what)
{
	if (fd >= 0 && fd < TRACKED)
		owner[fd] = (unsigned char)what;
}

void vs_owner_forget(unsigned first, unsigned last)
{
	for (unsigned fd = first; fd <= last && fd < TRACKED; fd++)
		owner[fd] = VS_FD_INHERITED;
}
