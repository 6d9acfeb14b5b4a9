/* SPDX-License-Identifier: MIT
 *
 * The speculative child's descriptors. Its table is its own, the open files
 * behind it are its parent's too, but for those that it opened itself.
 */
#include <errno.h>
#include <fcntl.h>
#include <stddef.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <termios.h>

#include "port.h"
#include "txn/child/internal.h"

#ifndef CLOSE_RANGE_CLOEXEC
#	define CLOSE_RANGE_CLOEXEC 4
#endif

/* What the child opened, by descriptor; beyond the table: not its own. */
enum { TRACKED = 1024 };
static unsigned char owner[TRACKED];

static enum vs_fd_owner own(long fd)
{
	return fd >= 0 && fd < TRACKED ? (enum vs_fd_owner)owner[fd]
				       : VS_FD_INHERITED;
}

void vs_fds_set_own(long fd, enum vs_fd_owner what)
{
	if (fd >= 0 && fd < TRACKED)
		owner[fd] = (unsigned char)what;
}

static long close_range_call(const long args[6])
{
	unsigned first = (unsigned)args[0], last = (unsigned)args[1];
	unsigned mem = (unsigned)vs_txn.mem;
	long r = 0;

	/* CLOSE_RANGE_CLOEXEC changes nothing for the memory. */
	if (args[2] & ~CLOSE_RANGE_CLOEXEC)
		vs_child_rollback(VS_WHY_SYSCALL, SYS_close_range);
	if (first > last || args[2] || mem < first || mem > last) {
		r = vs_sys(SYS_close_range, first, last, args[2]);
	} else {
		if (mem > first)
			r = vs_sys(SYS_close_range, first, mem - 1, 0);
		if (!r && mem < last)
			r = vs_sys(SYS_close_range, mem + 1, last, 0);
	}
	for (unsigned fd = first; !r && !args[2] && fd <= last && fd < TRACKED;
	     fd++)
		owner[fd] = VS_FD_INHERITED;
	return r;
}

static long dup_call(long nr, const long args[6])
{
	long r;

	/* Other mistakes may be noticed before this one, two equal numbers
	 * among them. */
	if (vs_fds_is_memory(args[0]))
		return vs_sys(nr, (int)args[1] == -1 ? -2L : -1L,
			      vs_fds_shown(args[1]), args[2]);
	if (nr != SYS_dup && vs_fds_is_memory(args[1]) && args[0] != args[1])
		vs_fds_move_memory((args[0] > args[1] ? args[0] : args[1]) + 1);
	do
		r = vs_sys(nr, args[0], args[1], args[2]);
	while (nr == SYS_dup && vs_fds_take_back(r, -1));
	if (r >= 0 && r != args[0])
		vs_fds_set_own(r, own(args[0]));
	return r;
}

static long fcntl_call(const long args[6])
{
	long r;

	if (vs_fds_is_memory(args[0]))
		return -EBADF;
	switch (args[1]) {
	case F_DUPFD:
	case F_DUPFD_CLOEXEC:
		do
			r = vs_sys(SYS_fcntl, args[0], args[1], args[2]);
		while (args[2] <= vs_txn.mem && vs_fds_take_back(r, -1));
		if (r >= 0)
			vs_fds_set_own(r, own(args[0]));
		return r;
	case F_SETFL:
		/* The flags are the open file's, which the parent has too. */
		r = vs_sys(SYS_fcntl, args[0], F_GETFL);
		if (r >= 0 && !own(args[0]) &&
		    ((r ^ args[2]) &
		     (O_APPEND | O_ASYNC | O_DIRECT | O_NOATIME | O_NONBLOCK)))
			break;
		return vs_sys(SYS_fcntl, args[0], args[1], args[2]);
	case F_GETFD:
	case F_SETFD:
	case F_GETFL:
	case F_GETPIPE_SZ:
	case F_GETOWN:
		return vs_sys(SYS_fcntl, args[0], args[1], args[2]);
	}
	vs_child_rollback(VS_WHY_SYSCALL, SYS_fcntl);
}

static long ioctl_call(const long args[6])
{
	switch (args[1]) {
	case FIONBIO:
		if (!own(args[0]))
			break;
		/* fall through */
	case TCGETS:
	case TIOCGWINSZ:
	case TIOCGPGRP:
	case FIOCLEX:
	case FIONCLEX:
	case FIONREAD:
		if (vs_fds_is_memory(args[0]))
			return -EBADF;
		vs_pages_want((uintptr_t)args[2], sizeof(struct termios));
		return vs_sys(SYS_ioctl, args[0], args[1], args[2]);
	}
	vs_child_rollback(VS_WHY_SYSCALL, SYS_ioctl);
}

static long pipe_call(long nr, const long args[6])
{
	int *ends = (int *)(nr == SYS_socketpair ? args[3] : args[0]);
	long r;

	vs_pages_want((uintptr_t)ends, 2 * sizeof(*ends));
	do
		r = vs_sys(nr, args[0], args[1], args[2], args[3]);
	while (!r && vs_fds_take_back(ends[0], ends[1]));
	if (!r) {
		vs_fds_set_own(ends[0], VS_FD_PIPE);
		vs_fds_set_own(ends[1], VS_FD_PIPE);
	}
	return r;
}

/* On what only this child has, or without an effect. */
static long transfer_call(long nr, const long args[6])
{
	bool writes = nr == SYS_write;
	bool asks = nr == SYS_lseek && args[1] == 0 && args[2] == SEEK_CUR;

	if (vs_fds_is_memory(args[0]))
		return vs_syscall6(nr, -1, args[1], args[2], args[3], args[4],
				   args[5]);
	if (!asks && own(args[0]) != VS_FD_PIPE &&
	    (writes || own(args[0]) != VS_FD_FILE))
		vs_child_rollback(VS_WHY_SYSCALL, nr);
	/* It would stop half way. */
	if (nr != SYS_lseek && !writes &&
	    vs_pages_public((uintptr_t)args[1], (uintptr_t)args[2]))
		vs_child_rollback(VS_WHY_SHARED_WRITE, 0);
	if (own(args[0]) == VS_FD_FILE && nr != SYS_getdents64)
		vs_child_looked = true;
	if (nr == SYS_getdents64)
		return vs_fds_list(args[0], (char *)args[1], args[2]);
	if (nr != SYS_lseek)
		vs_pages_want((uintptr_t)args[1], (uintptr_t)args[2]);
	/* The offset of a pread64 may be in two arguments. */
	return vs_syscall6(nr, args[0], args[1], args[2], args[3], args[4],
			   args[5]);
}

long vs_fds_syscall(long nr, long args[6])
{
	long r;

	switch (nr) {
	case SYS_close:
		if (vs_fds_is_memory(args[0]))
			return -EBADF;
		vs_fds_set_own(args[0], VS_FD_INHERITED);
		return vs_sys(SYS_close, args[0]);
	case SYS_close_range:
		return close_range_call(args);
	case SYS_fchdir:
	case SYS_fstat:
	case SYS_fstatfs:
		if (vs_fds_is_memory(args[0]))
			return -EBADF;
		vs_pages_want((uintptr_t)args[1], sizeof(struct stat));
		return vs_sys(nr, args[0], args[1]);
	case SYS_fcntl:
		return fcntl_call(args);
	case SYS_ioctl:
		return ioctl_call(args);
	case SYS_openat:
		return vs_open_call(vs_fds_shown(args[0]),
				    (const char *)args[1], args[2], args[3]);
#ifdef SYS_open
	case SYS_open:
		return vs_open_call(AT_FDCWD, (const char *)args[0], args[1],
				    args[2]);
	case SYS_creat:
		return vs_open_call(AT_FDCWD, (const char *)args[0],
				    O_CREAT | O_WRONLY | O_TRUNC, args[1]);
	case SYS_pipe:
		return pipe_call(nr, args);
	case SYS_dup2:
		return dup_call(nr, args);
#endif
	case SYS_dup:
	case SYS_dup3:
		return dup_call(nr, args);
	case SYS_pipe2:
	case SYS_socketpair:
		return pipe_call(nr, args);
	case SYS_read:
	case SYS_write:
	case SYS_lseek:
	case SYS_pread64:
	case SYS_getdents64:
		return transfer_call(nr, args);
	default: /* eventfd2, epoll_create1 and their elders */
		do
			r = vs_sys(nr, args[0], args[1]);
		while (vs_fds_take_back(r, -1));
		vs_fds_set_own(r, VS_FD_PIPE);
		return r;
	}
}
