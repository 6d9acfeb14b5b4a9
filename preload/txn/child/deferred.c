/* SPDX-License-Identifier: MIT
 *
 * O_NONBLOCK of open files that the child has from its parent. It belongs to
 * the open file: the parent and whoever else has it would notice that it
 * changes, and that it changes back if the child is thrown away. So it waits.
 * The child is told what it has set, and it is set as the last thing before
 * exec. Nothing that the flag makes a difference to is done until then: reads
 * and writes of what is not the child's own roll back.
 */
#include <fcntl.h>

#include "txn/child/internal.h"

#ifndef F_DUPFD_QUERY /* Linux 6.10 */
#	define F_DUPFD_QUERY 1027
#endif

/* One number of the open file, the others are asked for. Children set the flag
 * on their standard descriptors. */
enum { MOST = 8 };
static struct deferred {
	int fd;
	int wanted; /* O_NONBLOCK or 0 */
	int before; /* while it is applied */
	bool applied;
} deferred[MOST];
static int count;

/* Whether two numbers are one open file; if that cannot be told: no. */
static bool same_file(long a, long b)
{
	enum { KCMP_FILE }; /* linux/kcmp.h */
	long pid, r = vs_sys(SYS_fcntl, a, F_DUPFD_QUERY, b);

	if (r != -EINVAL)
		return r == 1;
	pid = vs_sys(SYS_getpid);
	return !vs_sys(SYS_kcmp, pid, pid, KCMP_FILE, a, b);
}

static struct deferred *find(long fd)
{
	for (int i = 0; i < count; i++) {
		if (same_file(deferred[i].fd, fd))
			return &deferred[i];
	}
	return NULL;
}

bool vs_deferred_has(long fd)
{
	return count && find(fd);
}

bool vs_deferred_set(long fd, bool nonblock)
{
	struct deferred *d = find(fd);

	/* A handler of the program's may have interrupted an exec. */
	if (vs_txn.page->phase == VS_TXN_EXEC ||
	    (!d && (count == MOST || !same_file(fd, fd))))
		return false;
	if (!d) {
		d = &deferred[count++];
		d->fd = (int)fd;
	}
	d->wanted = nonblock ? O_NONBLOCK : 0;
	return true;
}

long vs_deferred_flags(long fd, long flags)
{
	const struct deferred *d = count ? find(fd) : NULL;

	return d ? (flags & ~(long)O_NONBLOCK) | d->wanted : flags;
}

/* Another number of the same, not in [first, last]; or -1. */
static int elsewhere(int fd, unsigned first, unsigned last)
{
	enum { LOOK = 1024 };

	for (int n = 0; n < LOOK; n++) {
		if (((unsigned)n < first || (unsigned)n > last) &&
		    same_file(fd, n))
			return n;
	}
	return -1;
}

bool vs_deferred_leave(unsigned first, unsigned last)
{
	for (int i = 0; i < count; i++) {
		unsigned fd = (unsigned)deferred[i].fd;

		if (fd < first || fd > last)
			continue;
		deferred[i].fd = elsewhere(deferred[i].fd, first, last);
		if (deferred[i].fd < 0)
			return false;
	}
	return true;
}

static long toggle(int fd, long flags)
{
	return vs_sys(SYS_fcntl, fd, F_SETFL, flags ^ O_NONBLOCK);
}

void vs_deferred_apply(void)
{
	for (struct deferred *d = deferred; d < deferred + count; d++) {
		long flags = vs_sys(SYS_fcntl, d->fd, F_GETFL);

		d->before = (int)flags & O_NONBLOCK;
		d->applied = d->before != d->wanted && !toggle(d->fd, flags);
	}
}

void vs_deferred_restore(void)
{
	for (struct deferred *d = deferred; d < deferred + count; d++) {
		long flags = vs_sys(SYS_fcntl, d->fd, F_GETFL);

		if (d->applied && (flags & O_NONBLOCK) != d->before)
			toggle(d->fd, flags);
		d->applied = false;
	}
}
