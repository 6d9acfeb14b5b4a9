/* SPDX-License-Identifier: MIT
 *
 * O_NONBLOCK of open files that the child has from its parent. It belongs to
 * the open file: the parent and whoever else has it would notice that it
 * changes, and that it changes back if the child is thrown away. So it waits.
 * The child is told what it has set, and it is set as the last thing before
 * exec. Nothing that the flag makes a difference to is done until then: reads
 * and writes of what is not the child's own roll back.
 *
 * And the terminal that it makes its own: a leader of a session that leaves
 * takes it away from everybody, but for a pseudo-terminal, which may be taken
 * again then.
 */
#include <fcntl.h>
#include <linux/stat.h> /* musl 1.2.3 has no statx */
#include <stddef.h>
#include <sys/ioctl.h>
#include <sys/stat.h>

#include "txn/child/internal.h"

#ifndef F_DUPFD_QUERY /* Linux 6.10 */
#	define F_DUPFD_QUERY 1027
#endif

/* One entry is one open file, by one of its descriptors: whether another one is
 * of the same file the kernel is asked. There are few: children set the flag on
 * their standard descriptors. */
enum { MOST = 8 };
static struct deferred {
	int fd;
	int wanted; /* O_NONBLOCK or 0 */
	int before; /* while it is applied */
	bool terminal, applied;
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
		if (!deferred[i].terminal && same_file(deferred[i].fd, fd))
			return &deferred[i];
	}
	return NULL;
}

bool vs_is_terminal_slave(const struct statx *st)
{
	return S_ISCHR(st->stx_mode) && st->stx_rdev_major >= 136 &&
	       st->stx_rdev_major <= 143;
}

bool vs_deferred_has(long fd)
{
	return count && find(fd);
}

bool vs_deferred_set(long fd, bool nonblock)
{
	struct deferred *d = find(fd);

	/* In EXEC, a handler of the program's has interrupted the exec: the
	 * flags have been applied already. */
	if (vs_txn.page->phase == VS_TXN_EXEC ||
	    (!d && (count == MOST || !same_file(fd, fd))))
		return false;
	if (!d) {
		d = &deferred[count++];
		*d = (struct deferred){.fd = (int)fd};
	}
	d->wanted = nonblock ? O_NONBLOCK : 0;
	return true;
}

long vs_deferred_flags(long fd, long flags)
{
	const struct deferred *d = count ? find(fd) : NULL;

	return d ? (flags & ~(long)O_NONBLOCK) | d->wanted : flags;
}

/* Another descriptor of the same open file, not in [first, last]; or -1. */
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

		if (fd < first || fd > last ||
		    (deferred[i].terminal && deferred[i].applied))
			continue;
		deferred[i].fd = elsewhere(deferred[i].fd, first, last);
		if (deferred[i].fd < 0)
			return false;
	}
	return true;
}

/* ---- the terminal ---- */

static struct deferred *waiting_terminal(void)
{
	for (int i = 0; i < count; i++) {
		if (deferred[i].terminal)
			return &deferred[i];
	}
	return NULL;
}

bool vs_terminal_waits(void)
{
	const struct deferred *d = waiting_terminal();

	return d && !d->applied;
}

static bool is_slave(long fd)
{
	struct statx st;

	return !vs_sys(SYS_statx, fd, "", AT_EMPTY_PATH, STATX_BASIC_STATS,
		       &st) &&
	       vs_is_terminal_slave(&st);
}

/* A leader of a session has no terminal yet: it became one in this child, by
 * setsid(). */
bool vs_terminal_take(long fd)
{
	const struct deferred *d = waiting_terminal();

	if (d)
		return !d->applied && same_file(d->fd, fd);
	if (count == MOST || !same_file(fd, fd) || !is_slave(fd) ||
	    vs_sys(SYS_getsid, 0) != vs_sys(SYS_getpid))
		return false;
	deferred[count++] = (struct deferred){.fd = (int)fd, .terminal = true};
	return true;
}

/* The kernel makes the first terminal that a leader opens its own. */
bool vs_terminal_opened(long fd)
{
	return waiting_terminal() ||
	       vs_sys(SYS_getsid, 0) != vs_sys(SYS_getpid) ||
	       vs_terminal_take(fd);
}

/* ---- all of them ---- */

static long toggle(int fd, long flags)
{
	return vs_sys(SYS_fcntl, fd, F_SETFL, flags ^ O_NONBLOCK);
}

static void apply_flag(struct deferred *d)
{
	long flags = vs_sys(SYS_fcntl, d->fd, F_GETFL);

	d->before = (int)flags & O_NONBLOCK;
	d->applied = d->before != d->wanted && !toggle(d->fd, flags);
}

bool vs_deferred_apply(void)
{
	struct deferred *terminal = waiting_terminal();

	if (terminal && !terminal->applied) {
		if (vs_sys(SYS_ioctl, terminal->fd, TIOCSCTTY, 0))
			return false;
		terminal->applied = true;
	}
	for (struct deferred *d = deferred; d < deferred + count; d++) {
		if (!d->terminal)
			apply_flag(d);
	}
	return true;
}

/* The terminal is left: nobody but this child can know that it has it, and that
 * ends with it. */
void vs_deferred_restore(void)
{
	for (struct deferred *d = deferred; d < deferred + count; d++) {
		long flags;

		if (d->terminal || !d->applied)
			continue;
		d->applied = false;
		flags = vs_sys(SYS_fcntl, d->fd, F_GETFL);
		if ((flags & O_NONBLOCK) != d->before)
			toggle(d->fd, flags);
	}
}
