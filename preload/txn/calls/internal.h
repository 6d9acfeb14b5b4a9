/* SPDX-License-Identifier: MIT
 * Between the files of the speculative child's system calls. */
#ifndef VS_CALLS_INTERNAL_H
#define VS_CALLS_INTERNAL_H

#include "txn/calls/calls.h"
#include "txn/calls/exec/exec.h"
#include "txn/calls/fd/mem_fd.h"
#include "txn/calls/fd/owners.h"
#include "txn/child/internal.h"

/* ---- the system calls, by class: see class.def ---- */

/* ids.c: around a call that changes ids or capabilities */
void vs_ids_before(void);
void vs_ids_after(void);

/* Whether the child has a timer that it does not know of. */
bool vs_ids_watched(void);

/* open.c */
long vs_open_call(long dir, const char *path, long flags, long mode);

/* names.c: what is to be made must be there, and what is to be removed must
 * not; `from` and `to` are a folder and a name. The last is open()'s. */
long vs_make_name_call(long nr, long dir, const char *path);
long vs_remove_name_call(long nr, long dir, const char *path);
long vs_unlinkat_call(const long args[6]);
long vs_rename_call(long nr, const long from[2], const long to[2], long flags);
long vs_exclusive_call(long dir, const char *path, long flags);

/* fds.c */
long vs_close_call(const long args[6]);
long vs_close_range_call(const long args[6]);
long vs_dup_call(long nr, const long args[6]);
long vs_fcntl_call(long nr, const long args[6]);
long vs_ioctl_call(const long args[6]);
long vs_new_fd_call(long nr, const long args[6]);
long vs_memfd_call(long nr, const long args[6]);

/* pipe() and socketpair(), whose two descriptors go to `ends` */
long vs_pipe_call(long nr, const long args[6], int *ends);

/* terminal.c: an ioctl() */
enum vs_answer vs_terminal_call(const long args[6]);

/* special.c */
long vs_prctl_call(const long args[6]);
long vs_setns_call(const long args[6]);
long vs_unshare_call(const long args[6]);
long vs_kill_call(const long args[6]);
long vs_usage_call(const long args[6]);
long vs_sched_attr_call(const long args[6]);
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
bool vs_asks_interface(const long args[6]);

/* transfer.c: read(), write() and their like; with vectors; with messages */
long vs_transfer_call(long nr, const long args[6]);
long vs_vector_call(long nr, const long args[6]);
long vs_message_call(long nr, const long args[6]);

/* sleeps.c. How long one may be, in nanoseconds, from now on; and how long `nr`
 * waits that is given `time`, a pointer: what is longer, for ever among it, is
 * LONG. */
enum { VS_SHORT = 5000000, VS_LONG };
long vs_duration(int64_t seconds, int64_t rest, long unit);
long vs_duration_of(long nr, long time);
long vs_sleep_call(long nr, const long args[6]);
long vs_yield_call(long nr);
long vs_sigtimedwait_call(long nr, const long args[6]);

/* waits.c */
#ifdef SYS__newselect
#	define VS_SYS_SELECT SYS__newselect
#elif defined SYS_select
#	define VS_SYS_SELECT SYS_select
#else
#	define VS_SYS_SELECT -1
#endif
long vs_poll_call(long nr, const long args[6]);
long vs_select_call(long nr, const long args[6]);
bool vs_may_be_polled(long fd);
long vs_epoll_ctl_call(const long args[6]);
long vs_epoll_wait_call(long nr, const long args[6]);

/* memory.c */
long vs_brk_call(const long args[6]);
long vs_mmap_call(long args[6]);
long vs_munmap_call(const long args[6]);
long vs_mprotect_call(const long args[6]);
long vs_madvise_call(const long args[6]);
long vs_mremap_call(const long args[6]);

#endif
