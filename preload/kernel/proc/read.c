/* SPDX-License-Identifier: MIT
 * See read.h. */
#include "kernel/proc/read.h"

#include <fcntl.h>

#include "port.h"

long vs_proc_read(const char *path, char *buf, unsigned size)
{
	long fd = vs_sys(SYS_openat, AT_FDCWD, path, O_RDONLY | O_CLOEXEC);
	long n = 0, r;

	if (fd < 0)
		return fd;
	do {
		r = vs_sys(SYS_read, fd, buf + n, size - 1 - n);
		n += r > 0 ? r : 0;
	} while (r > 0 && n < (long)size - 1);
	vs_sys(SYS_close, fd);
	buf[n] = '\0';
	return r < 0 ? r : n;
}
