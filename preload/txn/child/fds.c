/* SPDX-License-Identifier: MIT
 *
 * The speculative child's descriptors. Its table is its own, the open files
 * behind it are its parent's too, but for those that it opened itself.
 */
#include <errno.h>
#include <fcntl.h>
#include <stddef.h>
#include <sys/ioctl.h>
#include <termios.h>

#include "txn/child/internal.h"

#ifndef CLOSE_RANGE_CLOEXEC
#	define CLOSE_RANGE_CLOEXEC 4
#endif

long vs_close_call(const long args[6])
{
	if (vs_mem_fd_is(args[0]))
		return -EBADF;
	vs_owner_set(args[0], VS_FD_INHERITED);
	return vs_sys(SYS_close, args[0]);
}

long vs_close_range_call(const long args[6])
{
	unsigned first = (unsigned)args[0], last = (unsigned)args[1];
	unsigned mem = (unsigned)vs_txn.mem_fd;
	long r = 0;

	/* CLOSE_RANGE_CLOEXEC changes nothing for the memory. */
	if (args[2] & ~CLOSE_RANGE_CLOEXEC)
		vs_child_rollback(VS_UNDONE_SYSCALL, SYS_close_range);
	if (vs_txn.mem_fd < 0 || first > last || args[2] || mem < first ||
	    mem > last) {
		r = vs_sys(SYS_close_range, first, last, args[2]);
	} else {
		if (mem > first)
			r = vs_sys(SYS_close_range, first, mem - 1, 0);
		if (!r && mem < last)
			r = vs_sys(SYS_close_range, mem + 1, last, 0);
	}
	if (!r && !args[2])
		vs_owner_forget(first, last);
	return r;
}

long vs_dup_call(long nr, const long args[6])
{
	long r;

	/* Other mistakes may be noticed before this one, two equal numbers
	 * among them. */
	if (vs_mem_fd_is(args[0]))
		return vs_sys(nr, (int)args[1] == -1 ? -2L : -1L,
			      vs_mem_fd_hide(args[1]), args[2]);
	if (nr != SYS_dup && vs_mem_fd_is(args[1]) && args[0] != args[1])
		vs_mem_fd_move((args[0] > args[1] ? args[0] : args[1]) + 1);
	do
		r = vs_sys(nr, args[0], args[1], args[2]);
	while (nr == SYS_dup && vs_mem_fd_take_back(r, -1));
	if (r >= 0 && r != args[0])
		vs_owner_set(r, vs_owner(args[0]));
	return r;
}

long vs_fcntl_call(const long args[6])
{
	long r;

	if (vs_mem_fd_is(args[0]))
		return -EBADF;
	switch (args[1]) {
	case F_DUPFD:
	case F_DUPFD_CLOEXEC:
		do
			r = vs_sys(SYS_fcntl, args[0], args[1], args[2]);
		while (args[2] <= vs_txn.mem_fd && vs_mem_fd_take_back(r, -1));
		if (r >= 0)
			vs_owner_set(r, vs_owner(args[0]));
		return r;
	case F_SETFL:
		/* The flags are the open file's, which the parent has too. */
		r = vs_sys(SYS_fcntl, args[0], F_GETFL);
		if (r >= 0 && !vs_owner(args[0]) &&
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
	vs_child_rollback(VS_UNDONE_SYSCALL, SYS_fcntl);
}

long vs_ioctl_call(const long args[6])
{
	switch (args[1]) {
	case FIONBIO:
		if (!vs_owner(args[0]))
			break;
		/* fall through */
	case TCGETS:
	case TIOCGWINSZ:
	case TIOCGPGRP:
	case FIOCLEX:
	case FIONCLEX:
	case FIONREAD:
		if (vs_mem_fd_is(args[0]))
			return -EBADF;
		vs_child_want((uintptr_t)args[2], sizeof(struct termios));
		return vs_sys(SYS_ioctl, args[0], args[1], args[2]);
	}
	vs_child_rollback(VS_UNDONE_SYSCALL, SYS_ioctl);
}

long vs_pipe_call(long nr, const long args[6], int *ends)
{
	long r;

	vs_child_want((uintptr_t)ends, 2 * sizeof(*ends));
	do
		r = vs_sys(nr, args[0], args[1], args[2], args[3]);
	while (!r && vs_mem_fd_take_back(ends[0], ends[1]));
	if (!r) {
		vs_owner_set(ends[0], VS_FD_PIPE);
		vs_owner_set(ends[1], VS_FD_PIPE);
	}
	return r;
}

long vs_new_fd_call(long nr, const long args[6])
{
	long r;

	do
		r = vs_sys(nr, args[0], args[1]);
	while (vs_mem_fd_take_back(r, -1));
	vs_owner_set(r, VS_FD_PIPE);
	return r;
}
