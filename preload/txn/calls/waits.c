/* SPDX-License-Identifier: MIT
 *
 * What is ready: a question of poll(), select() and epoll, which changes
 * nothing. It may take long only where there is nothing to wait for.
 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/stat.h> /* musl 1.2.3 has no statx */
#include <poll.h>
#include <stddef.h>
#include <sys/epoll.h>
#include <sys/stat.h>
#include <sys/vfs.h>

#include "txn/calls/internal.h"

#ifndef SYSFS_MAGIC /* linux/magic.h */
#	define SYSFS_MAGIC 0x62656572
#endif

/* To be polled without an effect on who else has it open: what /proc and /sys
 * have to say, some say once (mounts_poll() in fs/proc_namespace.c). */
bool vs_may_be_polled(long fd)
{
	struct statx st;
	struct statfs fs;
	long r;

	if (fd < 0 || vs_mem_fd_is(fd) || vs_fd_absent(fd) || vs_owner(fd))
		return true;
	r = vs_sys(SYS_statx, fd, "", AT_EMPTY_PATH | AT_STATX_DONT_SYNC,
		   STATX_TYPE, &st);
	if (vs_fd_result(fd, r))
		return r == -EBADF;
	if (!S_ISREG(st.stx_mode) && !S_ISDIR(st.stx_mode))
		return true;
	r = vs_sys(SYS_fstatfs, fd, &fs);
	return !r && fs.f_type != PROC_SUPER_MAGIC && fs.f_type != SYSFS_MAGIC;
}

/* Other signals are let through meanwhile: there must be none. */
static void try_mask(long nr, const uint64_t *mask, long size)
{
	uint64_t pending = 0;

	if (!mask)
		return;
	if (size != VS_KSIGSET_SIZE)
		vs_child_rollback(VS_UNDONE_SYSCALL, nr);
	vs_child_want((uintptr_t)mask, VS_KSIGSET_SIZE);
	vs_sys(SYS_rt_sigpending, &pending, VS_KSIGSET_SIZE);
	if (pending & ~*mask)
		vs_child_rollback(VS_UNDONE_SIGNAL, 0);
}

/* Only now, where it would take too long. By the number that the child has
 * called: a filter may refuse others. */
static const int64_t now[2];

/* ---- poll() ---- */

/* With the mask as it is. */
static long poll_shortly(long nr, struct pollfd *list, unsigned long n,
			 long time, long how_long)
{
#ifdef SYS_poll
	if (nr == SYS_poll)
		return vs_sys(nr, list, n, time == VS_LONG ? 0L : how_long);
#endif
	return vs_sys(nr, list, n, time == VS_LONG ? (long)now : how_long, NULL,
		      0);
}

/* The memory's number is not open: puts `to` in its place. */
static void replace(struct pollfd *list, unsigned long n, int from, int to)
{
	for (unsigned long i = 0; i < n; i++) {
		if (list[i].fd == from)
			list[i].fd = to;
	}
}

long vs_poll_call(long nr, const long args[6])
{
	enum { MOST = 1 << 16, NOT_OPEN = INT_MAX };
	struct pollfd *list = (void *)args[0];
	unsigned long n = (unsigned)args[1];
	long time, r;

#ifdef SYS_poll
	if (nr == SYS_poll)
		time = vs_duration(0, (int)args[2], 1000000);
	else
#endif
		time = vs_duration_of(nr, args[2]);
	if (n > MOST)
		vs_child_rollback(VS_UNDONE_SYSCALL, nr);
	vs_child_want((uintptr_t)list, n * sizeof(*list));
	for (unsigned long i = 0; i < n; i++) {
		if (list[i].fd == NOT_OPEN || !vs_may_be_polled(list[i].fd))
			vs_child_rollback(VS_UNDONE_SYSCALL, nr);
	}
#ifdef SYS_poll
	if (nr != SYS_poll)
#endif
		try_mask(nr, (const uint64_t *)args[3], args[4]);
	if (vs_txn.mem_fd >= 0)
		replace(list, n, vs_txn.mem_fd, NOT_OPEN);
	r = poll_shortly(nr, list, n, time, args[2]);
	if (r == 0 && time == VS_LONG)
		vs_child_rollback(VS_UNDONE_SYSCALL, nr);
	replace(list, n, NOT_OPEN, vs_txn.mem_fd);
	return r;
}

/* ---- select() ---- */

enum { MOST_SELECTED = 1024, SETS = 3, WORD = 8 * sizeof(long) };

static bool in_a_set(long *const sets[SETS], long fd)
{
	for (int i = 0; i < SETS; i++) {
		if (sets[i] &&
		    (unsigned long)sets[i][fd / WORD] >> fd % WORD & 1)
			return true;
	}
	return false;
}

long vs_select_call(long nr, const long args[6])
{
	long *const sets[SETS] = {(long *)args[1], (long *)args[2],
				  (long *)args[3]};
	const long *mask = (const long *)args[5];
	long n = (int)args[0], time = vs_duration_of(nr, args[4]), r;

	if (n < 0 || n > MOST_SELECTED)
		vs_child_rollback(VS_UNDONE_SYSCALL, nr);
	for (int i = 0; i < SETS; i++)
		vs_child_want((uintptr_t)sets[i], MOST_SELECTED / 8);
	for (long fd = 0; fd < n; fd++) {
		if (in_a_set(sets, fd) &&
		    (vs_mem_fd_is(fd) || !vs_may_be_polled(fd)))
			vs_child_rollback(VS_UNDONE_SYSCALL, nr);
	}
	if (nr != VS_SYS_SELECT && mask) {
		vs_child_want((uintptr_t)mask, 2 * sizeof(*mask));
		try_mask(nr, (const uint64_t *)mask[0], mask[1]);
	}
	r = vs_sys(nr, n, sets[0], sets[1], sets[2],
		   time == VS_LONG ? (long)now : args[4], NULL);
	if (r == 0 && time == VS_LONG)
		vs_child_rollback(VS_UNDONE_SYSCALL, nr);
	return r;
}

/* ---- epoll, with a list that the child has made itself, as an event loop does
 * that begins anew after fork(). What is put into it is only asked whether it
 * is ready, whoever else has it, and is let go with the list. ----
 */

/* It says of each event to one of those who wait, or keeps the machine awake:
 * linux/eventpoll.h. */
enum { OTHERS = EPOLLEXCLUSIVE | EPOLLWAKEUP };

long vs_epoll_ctl_call(const long args[6])
{
	const struct epoll_event *event = (void *)args[3];

	if (vs_owner(args[0]) != VS_FD_PIPE || !vs_may_be_polled(args[2]))
		vs_child_rollback(VS_UNDONE_SYSCALL, SYS_epoll_ctl);
	vs_child_want((uintptr_t)event, sizeof(*event));
	if (args[1] != EPOLL_CTL_DEL && event && event->events & OTHERS)
		vs_child_rollback(VS_UNDONE_SYSCALL, SYS_epoll_ctl);
	return vs_sys(SYS_epoll_ctl, args[0], args[1], vs_mem_fd_hide(args[2]),
		      event);
}

/* The mask, which libc gives none, is of signals that are let through
 * meanwhile. */
long vs_epoll_wait_call(long nr, const long args[6])
{
	enum { MOST = 1 << 16 };
	long time = vs_duration(0, (int)args[3], 1000000), r;
	bool masks = nr == SYS_epoll_pwait && args[4];

	if (vs_owner(args[0]) != VS_FD_PIPE || args[2] > MOST || masks)
		vs_child_rollback(VS_UNDONE_SYSCALL, nr);
	if ((int)args[2] > 0)
		vs_pages_want_written((uintptr_t)args[1],
				      (uintptr_t)args[2] *
					      sizeof(struct epoll_event));
	r = vs_sys(nr, args[0], args[1], args[2],
		   time == VS_LONG ? 0L : args[3], NULL, 0);
	if (r == 0 && time == VS_LONG)
		vs_child_rollback(VS_UNDONE_SYSCALL, nr);
	return r;
}
