/* SPDX-License-Identifier: MIT
 * Opening a file out of the way of the lowest free descriptors. */
#ifndef VS_OPEN_HIGH_H
#define VS_OPEN_HIGH_H

#include <errno.h>
#include <fcntl.h>

#include "port.h"

/* Still in the smallest table that the kernel allocates for most programs (64,
 * then 256; sane_fdtable_size() in fs/file.c). */
enum { VS_HIGH_FD = 100 };

/* For reading, closed on exec. The descriptor or -errno. */
static inline long vs_open_high(const char *path)
{
	long low = vs_sys(SYS_openat, AT_FDCWD, path, O_RDONLY | O_CLOEXEC);
	long high;

	if (low < 0)
		return low;
	high = vs_sys(SYS_fcntl, low, F_DUPFD_CLOEXEC, VS_HIGH_FD);
	if (high == -EINVAL) /* RLIMIT_NOFILE is lower */
		high = vs_sys(SYS_fcntl, low, F_DUPFD_CLOEXEC, low + 1);
	vs_sys(SYS_close, low);
	return high;
}

#endif
