/* SPDX-License-Identifier: MIT
 * Which descriptors are the child's own, and what a native child would read
 * from them. */
#ifndef VS_OWNERS_H
#define VS_OWNERS_H

#include <stdbool.h>

/* What it has opened itself: files it may read; pipes and the like, which
 * nobody else has, it may write to as well; sockets it has but made; and its
 * /proc/self/status, of which it is told what is true of a native child. */
enum vs_fd_owner {
	VS_FD_INHERITED,
	VS_FD_FILE,
	VS_FD_PIPE,
	VS_FD_SOCKET,
	VS_FD_STATUS,
};

enum vs_fd_owner vs_owner(long fd);

/* Of one that is new. */
void vs_owner_set(long fd, enum vs_fd_owner what);

/* From `first` to `last`: closed. */
void vs_owner_forget(unsigned first, unsigned last);

/* To be told, and returns, what a call on `fd` has returned that says -EBADF if
 * it is not open. */
long vs_fd_result(long fd, long r);

/* A number of a descriptor that is known not to be open: a call on it need not
 * be made, to be told -EBADF. */
bool vs_fd_absent(long fd);

/* What a file in /proc that has been opened by that name counts as, or
 * VS_FD_INHERITED: it may not be. */
enum vs_fd_owner vs_proc_owner(const char *path, long flags);

/* read() of VS_FD_STATUS. */
long vs_status_read(long fd, char *to, long size);

/* The most that a native child has had resident, in KiB, for system call `nr`.
 */
unsigned long vs_status_peak(long nr);

#endif
