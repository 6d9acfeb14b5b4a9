/* SPDX-License-Identifier: MIT
 * Sockets: the child's own may be made and set, and what both ends of are its
 * own used. Others' may be asked about. */
#include <errno.h>
#include <fcntl.h>
#include <linux/stat.h> /* musl 1.2.3 has no statx */
#include <stddef.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <sys/un.h>

#include "txn/calls/internal.h"

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

/* One that is to be told who sends gets a name of its own by connect()
 * (unix_stream_connect() in net/unix/af_unix.c). */
static bool gets_name(long fd)
{
	int on = 1, size = sizeof(on);

	return vs_sys(SYS_getsockopt, fd, SOL_SOCKET, SO_PASSCRED, &on,
		      &size) ||
	       on;
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
	    domain != AF_UNIX || gets_name(args[0]))
		vs_child_rollback(VS_UNDONE_SYSCALL, nr);
	name = name_in(to, args[2]);
	vs_child.looked = true;
	if (!name || vs_sys(SYS_statx, AT_FDCWD, name, AT_STATX_SYNC_AS_STAT,
			    STATX_TYPE, &st) != -ENOENT)
		vs_child_rollback(VS_UNDONE_SYSCALL, nr);
	return -ENOENT;
}

/* ---- options ---- */

/* Those that are an attribute of the socket and nothing else. Of the others
 * some take what they tell away (SO_ERROR), or make a descriptor. */
static bool is_attribute(long level, long name)
{
	if (level != SOL_SOCKET)
		return false;
	switch (name) {
	case SO_TYPE:
	case SO_DOMAIN:
	case SO_PROTOCOL:
	case SO_ACCEPTCONN:
	case SO_PEERCRED:
	case SO_DEBUG:
	case SO_REUSEADDR:
	case SO_REUSEPORT:
	case SO_KEEPALIVE:
	case SO_BROADCAST:
	case SO_DONTROUTE:
	case SO_OOBINLINE:
	case SO_LINGER:
	case SO_SNDBUF:
	case SO_RCVBUF:
	case SO_RCVLOWAT:
	case SO_RCVTIMEO:
	case SO_SNDTIMEO:
	case SO_PRIORITY:
	case SO_PASSCRED:
	case SO_TIMESTAMP:
		return true;
	default:
		return false;
	}
}

static bool is_own(long fd)
{
	return vs_owner(fd) == VS_FD_SOCKET || vs_owner(fd) == VS_FD_PIPE;
}

long vs_getsockopt_call(const long args[6])
{
	const int *size = (const int *)args[4];

	if (!is_attribute(args[1], args[2]) &&
	    !(args[1] == SOL_SOCKET && args[2] == SO_ERROR && is_own(args[0])))
		vs_child_rollback(VS_UNDONE_SYSCALL, SYS_getsockopt);
	vs_child_want((uintptr_t)size, sizeof(*size));
	vs_child_want((uintptr_t)args[3], sizeof(struct sockaddr_storage));
	return vs_sys(SYS_getsockopt, vs_mem_fd_hide(args[0]), args[1], args[2],
		      args[3], args[4]);
}

long vs_setsockopt_call(const long args[6])
{
	if (!is_attribute(args[1], args[2]) || !is_own(args[0]))
		vs_child_rollback(VS_UNDONE_SYSCALL, SYS_setsockopt);
	vs_child_want((uintptr_t)args[3], sizeof(struct sockaddr_storage));
	return vs_sys(SYS_setsockopt, args[0], args[1], args[2], args[3],
		      args[4]);
}
