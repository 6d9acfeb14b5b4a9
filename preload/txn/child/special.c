/* SPDX-License-Identifier: MIT
 * System calls that are harmless only in some cases, each with its question:
 * whose object it is, who else can see it, what a second time would do. */
#include <errno.h>
#include <fcntl.h>
#include <linux/stat.h> /* musl 1.2.3 has no statx */
#include <stddef.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <time.h>

#include "txn/child/internal.h"

/* Attributes of the child itself. */
long vs_prctl_call(const long args[6])
{
	enum { STRUCT = 64 }; /* the longest of what these point to: a name */

	vs_child_want((uintptr_t)args[1], STRUCT);
	switch (args[0]) {
	case PR_SET_PDEATHSIG:
	case PR_GET_PDEATHSIG:
	case PR_SET_NAME:
	case PR_GET_NAME:
	case PR_SET_KEEPCAPS:
	case PR_GET_KEEPCAPS:
	case PR_SET_DUMPABLE:
	case PR_GET_DUMPABLE:
	case PR_SET_NO_NEW_PRIVS:
	case PR_GET_NO_NEW_PRIVS:
	case PR_SET_SECUREBITS:
	case PR_GET_SECUREBITS:
	case PR_CAPBSET_READ:
	case PR_CAPBSET_DROP:
	case PR_CAP_AMBIENT:
	case PR_SET_TIMERSLACK:
	case PR_GET_TIMERSLACK:
	case PR_GET_SECCOMP:
	case PR_SET_CHILD_SUBREAPER:
	case PR_GET_CHILD_SUBREAPER:
		return vs_sys(SYS_prctl, args[0], args[1], args[2], args[3],
			      args[4]);
	default:
		vs_child_rollback(VS_UNDONE_SYSCALL, SYS_prctl);
	}
}

/* What it has made it must be able to find again. */
long vs_chroot_call(long nr, const long args[6])
{
	if (vs_undo_has_files())
		vs_child_rollback(VS_UNDONE_SYSCALL, nr);
	vs_mem_fd_want_path(nr, (const char *)args[0]);
	return vs_sys(nr, args[0]);
}

/* The list is ours until exec, which begins with none. */
long vs_robust_list_call(const long args[6])
{
	return args[1] == sizeof(struct robust_list_head) ? 0 : -EINVAL;
}

/* nanosleep() and clock_nanosleep(): the parent's thread waits meanwhile, so
 * only shortly, and from now on. */
long vs_sleep_call(long nr, const long args[6])
{
	enum { SHORT_NS = 5000000 };
	bool clock = nr != SYS_nanosleep;
	const struct timespec *t = (void *)args[clock ? 2 : 0];

	vs_child_want((uintptr_t)t, sizeof(*t));
	if (!t || (clock && args[1]) || t->tv_sec || t->tv_nsec > SHORT_NS)
		vs_child_rollback(VS_UNDONE_SYSCALL, nr);
	return vs_sys(nr, args[0], args[1], args[2], args[3]);
}

/* One of its own, not connected to anything. What is sent by a netlink or a raw
 * one needs no connection. */
long vs_socket_call(long nr, const long args[6])
{
	enum { FLAGS = SOCK_NONBLOCK | SOCK_CLOEXEC };
	long type = args[1] & ~(long)FLAGS, r;

	if ((args[0] != AF_UNIX && args[0] != AF_INET && args[0] != AF_INET6) ||
	    (type != SOCK_STREAM && type != SOCK_DGRAM))
		vs_child_rollback(VS_UNDONE_SYSCALL, nr);
	do
		r = vs_sys(nr, args[0], args[1], args[2]);
	while (vs_mem_fd_take_back(r, -1));
	vs_owner_set(r, VS_FD_SOCKET);
	return r;
}

/* The name in an address of `size` bytes, or NULL if it is none in the file
 * system, or not terminated there. */
static const char *name_in(const struct sockaddr_un *to, long size)
{
	long room = size - (long)offsetof(struct sockaddr_un, sun_path);

	if (room <= 1 || size > (long)sizeof(*to) || to->sun_family != AF_UNIX)
		return NULL;
	for (long i = 0; i < room; i++) {
		if (!to->sun_path[i])
			return i ? to->sun_path : NULL;
	}
	return NULL;
}

/* To a name in the file system that is not there, as nscd's mostly is not: the
 * error, and nobody has been called. */
long vs_connect_call(long nr, const long args[6])
{
	const struct sockaddr_un *to = (void *)args[1];
	int domain = 0, size = sizeof(domain);
	const char *name;
	struct statx st;

	vs_child_want((uintptr_t)to, sizeof(*to));
	if (vs_owner(args[0]) != VS_FD_SOCKET ||
	    vs_sys(SYS_getsockopt, args[0], SOL_SOCKET, SO_DOMAIN, &domain,
		   &size) ||
	    domain != AF_UNIX)
		vs_child_rollback(VS_UNDONE_SYSCALL, nr);
	name = name_in(to, args[2]);
	vs_child.looked = true;
	if (!name || vs_sys(SYS_statx, AT_FDCWD, name, AT_STATX_SYNC_AS_STAT,
			    STATX_TYPE, &st) != -ENOENT)
		vs_child_rollback(VS_UNDONE_SYSCALL, nr);
	return -ENOENT;
}
