/* SPDX-License-Identifier: MIT
 * The speculative child's descriptors: what txn_fds.c, txn_memory_fd.c and
 * txn_open.c know of each other. */
#ifndef VS_TXN_FDS_H
#define VS_TXN_FDS_H

#include "txn/txn.h"

#ifndef PROC_SUPER_MAGIC
#	define PROC_SUPER_MAGIC 0x9fa0
#endif

/* What the child has opened itself: files it may read, pipes and the like,
 * which nobody else has, it may write to as well. */
enum vs_fd_owner { VS_FD_INHERITED, VS_FD_FILE, VS_FD_PIPE };

void vs_fds_set_own(long fd, enum vs_fd_owner what);

/* ---- txn_memory_fd.c ---- */

bool vs_fds_is_memory(long fd);

/* `fd`, or if that is the memory's, which the child does not have, one that
 * nobody has. */
long vs_fds_shown(long fd);

/* Fills what system call `nr` reads there, and rolls back if a part of it is
 * the memory's number, as in /proc/self/fd. */
void vs_fds_want_path(long nr, const char *path);

/* Its number is wanted for something else: to one that is not below. */
void vs_fds_move_memory(long at_least);

/*
 * A new descriptor gets the lowest free number. If that is above the memory's,
 * it may not be the one that it would be natively: it is closed, the memory
 * moves out of the way, and the call is to be made again. True if so.
 * `other`: a second new one, or -1.
 */
bool vs_fds_take_back(long fd, long other);

/* getdents64() */
long vs_fds_list(long dir, char *list, long size);

/* ---- txn_open.c: openat() ---- */

long vs_open_call(long dir, const char *path, long flags, long mode);

#endif
