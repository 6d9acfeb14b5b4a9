/* SPDX-License-Identifier: MIT
 *
 * The speculative child's descriptors. Its table is its own, the open files
 * behind it are its parent's too, but for those that it opened itself.
 */
#include <errno.h>
#include <fcntl.h>
#include <stddef.h>
#include <sys/ioctl.h>

#include "txn/calls/internal.h"

#ifndef CLOSE_RANGE_CLOEXEC
#	define CLOSE_RANGE_CLOEXEC 4
#endif
#ifndef CLOSE_RANGE_UNSHARE
#	define CLOSE_RANGE_UNSHARE 2
#endif

/* They are about to be closed. */
static void leave(long nr, unsigned first, unsigned last)
{
	if (!vs_deferred_leave(first, last))
		vs_child_rollback(VS_UNDONE_SYSCALL, nr);
}

long vs_close_call(const long args[6])
{
	unsigned fd = (unsigned)args[0];

	if (vs_fd_absent(fd) || vs_mem_fd_is(fd))
		return -EBADF;
	leave(SYS_close, fd, fd);
	vs_owner_forget(fd, fd);
	return vs_fd_result(fd, vs_sys(SYS_close, fd));
}

long vs_close_range_call(const long args[6])
{
	unsigned first = (unsigned)args[0], last = (unsigned)args[1];
	unsigned mem = (unsigned)vs_txn.mem_fd;
	/* The table is nobody else's. */
	unsigned flags = (unsigned)args[2] & ~CLOSE_RANGE_UNSHARE;
	long r = 0;

	/* CLOSE_RANGE_CLOEXEC changes nothing for the memory. */
	if (flags & ~CLOSE_RANGE_CLOEXEC)
		vs_child_rollback(VS_UNDONE_SYSCALL, SYS_close_range);
	if (!flags)
		leave(SYS_close_range, first, last);
	if (vs_txn.mem_fd < 0 || first > last || flags || mem < first ||
	    mem > last) {
		r = vs_sys(SYS_close_range, first, last, flags);
	} else {
		if (mem > first)
			r = vs_sys(SYS_close_range, first, mem - 1, 0);
		if (!r && mem < last)
			r = vs_sys(SYS_close_range, mem + 1, last, 0);
	}
	if (!r && !flags)
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
	if (nr != SYS_dup && args[0] != args[1])
		leave(nr, (unsigned)args[1], (unsigned)args[1]);
	do
		r = vs_sys(nr, args[0], args[1], args[2]);
	while (nr == SYS_dup && vs_mem_fd_take_back(r, -1));
	if (r >= 0 && r != args[0])
		vs_owner_set(r, vs_owner(args[0]));
	return r;
}

/* The flags are the open file's, which the parent has too, if it is not the
 * child's own. */
static long set_flags(const long args[6])
{
	enum {
		OTHERS = O_APPEND | O_ASYNC | O_DIRECT | O_NOATIME,
		ALL = OTHERS | O_NONBLOCK
	};
	long now = vs_sys(SYS_fcntl, args[0], F_GETFL), changed;

	changed = (vs_deferred_flags(args[0], now) ^ args[2]) & ALL;
	if (now < 0 || now & O_PATH || vs_owner(args[0]) ||
	    (!changed && !vs_deferred_has(args[0])))
		return vs_sys(SYS_fcntl, args[0], F_SETFL, args[2]);
	if (changed & OTHERS || !vs_deferred_set(args[0], args[2] & O_NONBLOCK))
		vs_child_rollback(VS_UNDONE_SYSCALL, SYS_fcntl);
	return 0;
}

/* The same by another name. */
static long set_nonblocking(const long args[6])
{
	long now = vs_sys(SYS_fcntl, args[0], F_GETFL);
	const int *on = (const int *)args[2];

	vs_child_want((uintptr_t)on, sizeof(*on));
	if (now < 0 || now & O_PATH || vs_owner(args[0]) ||
	    vs_mem_fd_is(args[0]))
		return vs_sys(SYS_ioctl, vs_mem_fd_hide(args[0]), FIONBIO, on);
	if (!vs_deferred_set(args[0], *on))
		vs_child_rollback(VS_UNDONE_SYSCALL, SYS_ioctl);
	return 0;
}

/* A lock may be counted from there, and what can be read is. */
static bool place_waits(long fd)
{
	return vs_deferred_place(fd, -1) >= 0;
}

long vs_fcntl_call(long nr, const long args[6])
{
	/* Linux 3.17 */
	enum { SET_SEALS = 1033, GET_SEALS = 1034 };
	enum { F_GETLK64_OF_32_BITS = 12, STRUCT = 64 };
	long r;

	if (vs_fd_absent(args[0]) || vs_mem_fd_is(args[0]))
		return -EBADF;
	switch ((int)args[1]) {
	case F_DUPFD:
	case F_DUPFD_CLOEXEC:
		do
			r = vs_sys(SYS_fcntl, args[0], args[1], args[2]);
		while (args[2] <= vs_txn.mem_fd && vs_mem_fd_take_back(r, -1));
		if (r >= 0)
			vs_owner_set(r, vs_owner(args[0]));
		return r;
	case F_SETFL:
		return set_flags(args);
	case F_GETFL:
		r = vs_sys(SYS_fcntl, args[0], F_GETFL);
		return r < 0 ? r : vs_deferred_flags(args[0], r);
	case F_GETFD:
	case F_SETFD:
	case F_GETPIPE_SZ:
	case F_GETOWN:
	case F_GETSIG:
	case F_GETLEASE:
	case GET_SEALS:
		return vs_fd_result(
			args[0], vs_sys(SYS_fcntl, args[0], args[1], args[2]));
	case F_GETLK: /* who has it, not to have it */
	case F_OFD_GETLK:
	case F_GETLK64_OF_32_BITS:
	case F_GETOWN_EX:
		if (place_waits(args[0]))
			break;
		vs_child_want((uintptr_t)args[2], STRUCT);
		return vs_sys(nr, args[0], args[1], args[2]);
	case F_SETPIPE_SZ:
	case SET_SEALS:
		if (vs_owner(args[0]) == VS_FD_PIPE)
			return vs_sys(nr, args[0], args[1], args[2]);
		break;
	}
	vs_child_rollback(VS_UNDONE_SYSCALL, nr);
}

/* A question, or about the descriptor. */
static long make_ioctl(const long args[6])
{
	enum { STRUCT = 64 };

	if (vs_mem_fd_is(args[0]))
		return -EBADF;
	vs_child_want((uintptr_t)args[2], STRUCT);
	return vs_sys(SYS_ioctl, args[0], args[1], args[2]);
}

long vs_ioctl_call(const long args[6])
{
	enum vs_answer answer = vs_terminal_call(args);

	if (answer == VS_ANSWERED)
		return 0;
	if (answer == VS_NOT_KNOWN || vs_asks_interface(args))
		return make_ioctl(args);
	switch ((unsigned)args[1]) {
	case FIONBIO:
		return set_nonblocking(args);
	case FIONREAD:
		if (place_waits(args[0]))
			break;
		vs_child.looked = true; /* of a file: how long it is */
		return make_ioctl(args);
	case FIOCLEX:
	case FIONCLEX:
	case TIOCGPTN:
		return make_ioctl(args);
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

long vs_memfd_call(long nr, const long args[6])
{
	vs_pages_want_string((const char *)args[0]);
	return vs_new_fd_call(nr, args);
}
