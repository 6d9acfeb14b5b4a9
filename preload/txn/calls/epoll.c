/* SPDX-License-Identifier: MIT
 *
 * epoll, with a list that the child has made itself, as an event loop does that
 * begins anew after fork(). What is put into it is only asked whether it is
 * ready, whoever else has it, and is let go with the list.
 */
#include <stddef.h>
#include <sys/epoll.h>

#include "txn/calls/internal.h"

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
