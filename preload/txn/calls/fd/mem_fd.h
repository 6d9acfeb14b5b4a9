/* SPDX-License-Identifier: MIT
 * The descriptor of the parent's memory, if there is one. */
#ifndef VS_MEM_FD_H
#define VS_MEM_FD_H

#include <stdbool.h>

#ifndef PROC_SUPER_MAGIC /* linux/magic.h */
#	define PROC_SUPER_MAGIC 0x9fa0
#endif

bool vs_mem_fd_is(long fd);

/* `fd`, or if that is the memory's, which the child does not have, one that
 * nobody has. */
long vs_mem_fd_hide(long fd);

/* Fills what system call `nr` reads there, and rolls back if a part of it is
 * the memory's number, as in /proc/self/fd, or the folder map_files. */
void vs_mem_fd_want_path(long nr, const char *path);

/* Its number is wanted for something else: to one that is not below. */
void vs_mem_fd_move(long at_least);

/* A new descriptor gets the lowest free number. If that is above the memory's,
 * it may not be the one that it would be natively: it is closed, the memory
 * moves out of the way, and the call is to be made again. True if so.
 * `other`: a second new one, or -1. */
bool vs_mem_fd_take_back(long fd, long other);

/* getdents64() of `dir`, without it. */
long vs_mem_fd_list(long dir, char *list, long size);

#endif
