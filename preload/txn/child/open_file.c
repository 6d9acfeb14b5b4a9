/* SPDX-License-Identifier: MIT
 * Open files, and the numbers that they have. */
#include <fcntl.h>
#include <linux/stat.h> /* musl 1.2.3 has no statx */
#include <stddef.h>
#include <sys/stat.h>

#include "txn/child/internal.h"

#ifndef F_DUPFD_QUERY /* Linux 6.10 */
#	define F_DUPFD_QUERY 1027
#endif

bool vs_same_open_file(long a, long b)
{
	enum { KCMP_FILE }; /* linux/kcmp.h */
	long pid, r = vs_sys(SYS_fcntl, a, F_DUPFD_QUERY, b);

	if (r != -EINVAL)
		return r == 1;
	pid = vs_sys(SYS_getpid);
	return !vs_sys(SYS_kcmp, pid, pid, KCMP_FILE, a, b);
}

/* Another descriptor of the same open file, not in [first, last]; or -1. */
static int elsewhere(int fd, unsigned first, unsigned last)
{
	enum { LOOK = 1024 };

	for (int n = 0; n < LOOK; n++) {
		if (((unsigned)n < first || (unsigned)n > last) &&
		    vs_same_open_file(fd, n))
			return n;
	}
	return -1;
}

bool vs_stays_open(int *fd, unsigned first, unsigned last)
{
	if ((unsigned)*fd >= first && (unsigned)*fd <= last)
		*fd = elsewhere(*fd, first, last);
	return *fd >= 0;
}

/* ---- terminals ---- */

bool vs_is_terminal_slave(const struct statx *st)
{
	return S_ISCHR(st->stx_mode) && st->stx_rdev_major >= 136 &&
	       st->stx_rdev_major <= 143;
}

bool vs_is_terminal_master(long fd)
{
	enum { TTYAUX_MAJOR = 5, PTMX = 2 };
	struct statx st;

	return !vs_sys(SYS_statx, fd, "", AT_EMPTY_PATH, STATX_BASIC_STATS,
		       &st) &&
	       S_ISCHR(st.stx_mode) && st.stx_rdev_major == TTYAUX_MAJOR &&
	       st.stx_rdev_minor == PTMX;
}
