/* SPDX-License-Identifier: MIT
 * Between the files of the speculative child's system calls. */
#ifndef VS_CALLS_INTERNAL_H
#define VS_CALLS_INTERNAL_H

#include "txn/calls/calls.h"
#include "txn/child/internal.h"

/* ---- owners.c: which descriptors are the child's own ---- */

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

#ifndef PROC_SUPER_MAGIC /* linux/magic.h */
#	define PROC_SUPER_MAGIC 0x9fa0
#endif

/* ---- mem_fd.c: the descriptor of the parent's memory, if there is one ---- */

bool vs_mem_fd_is(long fd);

/* `fd`, or if that is the memory's, which the child does not have, one that
 * nobody has. */
long vs_mem_fd_hide(long fd);

/* Fills what system call `nr` reads there, and rolls back if a part of it is
 * the memory's number, as in /proc/self/fd. */
void vs_mem_fd_want_path(long nr, const char *path);

/* Its number is wanted for something else: to one that is not below. */
void vs_mem_fd_move(long at_least);

/* A new descriptor gets the lowest free number. If that is above the memory's,
 * it may not be the one that it would be natively: it is closed, the memory
 * moves out of the way, and the call is to be made again. True if so.
 * `other`: a second new one, or -1. */
bool vs_mem_fd_take_back(long fd, long other);

/* Whether these two are of one file. */
bool vs_same_inode(const struct statx *a, const struct statx *b);

/* getdents64() */
long vs_mem_fd_list(long dir, char *list, long size);

/* ---- the system calls, by class: see policy.c ---- */

/* exec.c */
long vs_exec_call(long nr, long args[6]);

/* ids.c: around a call that changes ids or capabilities */
void vs_ids_before(void);
void vs_ids_after(void);

/* open.c */
long vs_open_call(long dir, const char *path, long flags, long mode);

/* proc.c: what a file in /proc that has been opened by that name counts as, or
 * VS_FD_INHERITED: it may not be. */
enum vs_fd_owner vs_proc_owner(const char *path, long flags);

/* status.c: read() */
long vs_status_read(long fd, char *to, long size);

/* fds.c */
long vs_close_call(const long args[6]);
long vs_close_range_call(const long args[6]);
long vs_dup_call(long nr, const long args[6]);
long vs_fcntl_call(long nr, const long args[6]);
long vs_ioctl_call(const long args[6]);
long vs_new_fd_call(long nr, const long args[6]);

/* pipe() and socketpair(), whose two descriptors go to `ends` */
long vs_pipe_call(long nr, const long args[6], int *ends);

/* terminal.c: an ioctl() */
enum vs_answer vs_terminal_call(const long args[6]);

/* special.c */
long vs_prctl_call(const long args[6]);
long vs_chroot_call(long nr, const long args[6]);
long vs_robust_list_call(const long args[6]);
long vs_landlock_new_call(const long args[6]);
long vs_landlock_rule_call(const long args[6]);
long vs_landlock_call(const long args[6]);

/* sockets.c */
long vs_socket_call(long nr, const long args[6]);
long vs_connect_call(long nr, const long args[6]);
long vs_getsockopt_call(const long args[6]);
long vs_setsockopt_call(const long args[6]);

/* transfer.c: read(), write() and their like; with vectors; with messages */
long vs_transfer_call(long nr, const long args[6]);
long vs_vector_call(long nr, const long args[6]);
long vs_message_call(long nr, const long args[6]);

/* waits.c */
#ifdef SYS__newselect
#	define VS_SYS_SELECT SYS__newselect
#elif defined SYS_select
#	define VS_SYS_SELECT SYS_select
#else
#	define VS_SYS_SELECT -1
#endif
long vs_sleep_call(long nr, const long args[6]);
long vs_yield_call(long nr);
long vs_poll_call(long nr, const long args[6]);
long vs_select_call(long nr, const long args[6]);

/* memory.c */
long vs_brk_call(const long args[6]);
long vs_mmap_call(long args[6]);
long vs_munmap_call(const long args[6]);
long vs_mprotect_call(const long args[6]);
long vs_madvise_call(const long args[6]);
long vs_mremap_call(const long args[6]);

#endif
