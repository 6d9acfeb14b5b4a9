/* SPDX-License-Identifier: MIT
 * Descriptors: see internal.h. */
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <unistd.h>

#include "entry/fast/internal.h"

/* `a` is a descriptor. Many programs close all that there might be. */
static long supervised_on(long nr, long a, long b, long c)
{
	long args[6] = {a, b, c, 0, 0, 0};

	return vs_fd_absent(a) ? -EBADF : vs_child_syscall(nr, args);
}

VS_EXPORT int close(int fd)
{
	if (vs_unlikely(vs_speculative) && !vs_interposed(VS_ENTRY_close))
		return (int)vs_return(supervised_on(SYS_close, fd, 0, 0));
	return VS_REAL(close)(fd);
}

/* As libc: a filter may refuse the one and not the other. */
static long supervised_dup2(int from, int to)
{
#ifdef SYS_dup2
	return vs_supervised(SYS_dup2, from, to, 0, 0);
#else
	return vs_supervised(SYS_dup3, from, to, 0, 0);
#endif
}

VS_EXPORT int dup2(int from, int to)
{
	if (vs_unlikely(vs_speculative) && from != to &&
	    !vs_interposed(VS_ENTRY_dup2))
		return (int)vs_return(supervised_dup2(from, to));
	return VS_REAL(dup2)(from, to);
}

/* ---- fcntl() ---- */

/* Those of its commands that libc passes on as they are. */
static bool is_plain(int cmd)
{
	switch (cmd) {
	case F_GETFD:
	case F_SETFD:
	case F_GETFL:
	case F_SETFL:
	case F_DUPFD:
	case F_DUPFD_CLOEXEC:
		return true;
	default:
		return false;
	}
}

typedef int (*fcntl_function)(int, int, ...);

/* It is variadic; here it has the one more argument that there may be. */
static int fcntl_by(enum vs_entry entry, int fd, int cmd, void *arg)
{
	fcntl_function real;

	if (vs_unlikely(vs_speculative) && is_plain(cmd) &&
	    !vs_interposed(entry))
		return (int)vs_return(
			supervised_on(SYS_fcntl, fd, cmd, (long)arg));
	real = (fcntl_function)vs_real_lookup(entry);
	/* Found by dlsym(), where libc has none of 64 bits. */
	if (vs_unlikely(!real))
		real = (fcntl_function)vs_real_lookup(VS_ENTRY_fcntl);
	return real(fd, cmd, arg);
}

VS_EXPORT int vs_entry_fcntl(int fd, int cmd, ...) __asm__("fcntl");
VS_EXPORT int vs_entry_fcntl64(int fd, int cmd, ...) __asm__("fcntl64");

int vs_entry_fcntl(int fd, int cmd, ...)
{
	va_list more;
	void *arg;

	va_start(more, cmd);
	arg = va_arg(more, void *);
	va_end(more);
	return fcntl_by(VS_ENTRY_fcntl, fd, cmd, arg);
}

int vs_entry_fcntl64(int fd, int cmd, ...)
{
	va_list more;
	void *arg;

	va_start(more, cmd);
	arg = va_arg(more, void *);
	va_end(more);
	return fcntl_by(VS_ENTRY_fcntl64, fd, cmd, arg);
}
