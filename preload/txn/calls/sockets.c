/* SPDX-License-Identifier: MIT
 * Sockets: the child's own may be made and set, and what both ends of are its
 * own used. Others' may be asked about. */
#include <errno.h>
#include <fcntl.h>
#include <linux/stat.h> /* musl 1.2.3 has no statx */
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stddef.h>
#include <sys/ioctl.h>
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

static bool is_attribute_of_any(long name)
{
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
	case SO_SNDBUFFORCE:
	case SO_RCVBUFFORCE:
	case SO_MARK:
	case SO_BINDTODEVICE:
		return true;
	default:
		return false;
	}
}

static bool is_attribute_of_tcp(long name)
{
	switch (name) {
	case TCP_NODELAY:
	case TCP_MAXSEG:
	case TCP_CORK:
	case TCP_KEEPIDLE:
	case TCP_KEEPINTVL:
	case TCP_KEEPCNT:
	case TCP_SYNCNT:
	case TCP_LINGER2:
	case TCP_DEFER_ACCEPT:
	case TCP_WINDOW_CLAMP:
	case TCP_QUICKACK:
	case TCP_USER_TIMEOUT:
		return true;
	default:
		return false;
	}
}

static bool is_attribute_of_ip(long name)
{
	switch (name) {
	case IP_TOS:
	case IP_TTL:
	case IP_RECVTOS:
	case IP_RECVTTL:
	case IP_RECVERR:
	case IP_PKTINFO:
	case IP_MTU_DISCOVER:
	case IP_FREEBIND:
	case IP_TRANSPARENT:
	case IP_MULTICAST_TTL:
	case IP_MULTICAST_LOOP:
		return true;
	default:
		return false;
	}
}

static bool is_attribute_of_ipv6(long name)
{
	switch (name) {
	case IPV6_V6ONLY:
	case IPV6_UNICAST_HOPS:
	case IPV6_MULTICAST_HOPS:
	case IPV6_MULTICAST_LOOP:
	case IPV6_MTU_DISCOVER:
	case IPV6_RECVERR:
	case IPV6_RECVPKTINFO:
	case IPV6_TCLASS:
	case IPV6_RECVTCLASS:
		return true;
	default:
		return false;
	}
}

/* Those that are an attribute of the socket and nothing else. Of the others
 * some take what they tell away (SO_ERROR), make a descriptor, load a module
 * (TCP_CONGESTION), or tell the network (IP_ADD_MEMBERSHIP). */
static bool is_attribute(long level, long name)
{
	switch ((int)level) {
	case SOL_SOCKET:
		return is_attribute_of_any((int)name);
	case IPPROTO_TCP:
		return is_attribute_of_tcp((int)name);
	case IPPROTO_IP:
		return is_attribute_of_ip((int)name);
	case IPPROTO_IPV6:
		return is_attribute_of_ipv6((int)name);
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

/* An ioctl() that asks for what a network interface is. That it may load a
 * module for one that is not there it may do again. */
bool vs_asks_interface(const long args[6])
{
	if (vs_owner(args[0]) != VS_FD_SOCKET)
		return false;
	switch ((unsigned)args[1]) {
	case SIOCGIFNAME:
	case SIOCGIFINDEX:
	case SIOCGIFFLAGS:
	case SIOCGIFADDR:
	case SIOCGIFDSTADDR:
	case SIOCGIFBRDADDR:
	case SIOCGIFNETMASK:
	case SIOCGIFMETRIC:
	case SIOCGIFMTU:
	case SIOCGIFHWADDR:
		return true;
	default:
		return false;
	}
}

long vs_setsockopt_call(const long args[6])
{
	if (!is_attribute(args[1], args[2]) || !is_own(args[0]))
		vs_child_rollback(VS_UNDONE_SYSCALL, SYS_setsockopt);
	vs_child_want((uintptr_t)args[3], sizeof(struct sockaddr_storage));
	return vs_sys(SYS_setsockopt, args[0], args[1], args[2], args[3],
		      args[4]);
}
