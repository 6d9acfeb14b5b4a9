/* SPDX-License-Identifier: MIT
 *
 * O_NONBLOCK of open files that the child has from its parent. It belongs to
 * the open file: the parent and whoever else has it would notice that it
 * changes, and that it changes back if the child is thrown away. So it waits.
 * The child is told what it has set, and it is set as the last thing before
 * exec. Nothing that the flag makes a difference to is done until then: reads
 * and writes of what is not the child's own roll back.
 *
 * The same is true of the place in a file that the next read will be from.
 */
#include <fcntl.h>
#include <linux/stat.h> /* musl 1.2.3 has no statx */
#include <stddef.h>
#include <unistd.h>

#include "txn/child/internal.h"

/* One entry is one open file, by one of its descriptors: whether another one is
 * of the same file the kernel is asked. There are few: children set the flag on
 * their standard descriptors. */
enum { MOST = 8, NONE = -1 };
static struct deferred {
	long to, from;	  /* of the place */
	long place, size; /* that `to` was counted from, or NONE */
	int fd;
	int wanted;	   /* O_NONBLOCK or 0 */
	int before;	   /* while it is applied */
	bool flags, moves; /* which of the two */
	bool applied, moved;
} deferred[MOST];
static int count VS_HOT;

static struct deferred *find(long fd)
{
	for (int i = 0; i < count; i++) {
		if (vs_same_open_file(deferred[i].fd, fd))
			return &deferred[i];
	}
	return NULL;
}

/* What waits for it, from now on; or NULL. */
static struct deferred *demand(long fd)
{
	struct deferred *d = find(fd);

	/* In EXEC, a handler of the program's has interrupted the exec: what
	 * waits has been applied already. */
	if (vs_txn.page->phase == VS_TXN_EXEC ||
	    (!d && (count == MOST || !vs_same_open_file(fd, fd))))
		return NULL;
	if (!d) {
		d = &deferred[count++];
		*d = (struct deferred){.fd = (int)fd};
	}
	return d;
}

/* ---- the flag ---- */

static const struct deferred *find_flags(long fd)
{
	const struct deferred *d = count ? find(fd) : NULL;

	return d && d->flags ? d : NULL;
}

bool vs_deferred_has(long fd)
{
	return find_flags(fd);
}

bool vs_deferred_set(long fd, bool nonblock)
{
	struct deferred *d = demand(fd);

	if (!d)
		return false;
	d->flags = true;
	d->wanted = nonblock ? O_NONBLOCK : 0;
	return true;
}

long vs_deferred_flags(long fd, long flags)
{
	const struct deferred *d = find_flags(fd);

	return d ? (flags & ~(long)O_NONBLOCK) | d->wanted : flags;
}

/* ---- the place ---- */

bool vs_deferred_seek(long fd, long by, int whence, long size)
{
	struct deferred *d = demand(fd);

	if (!d)
		return false;
	if (whence == SEEK_CUR && !d->moves) {
		d->to = d->place = vs_sys(SYS_lseek, fd, 0, SEEK_CUR);
		d->size = NONE;
	} else if (whence != SEEK_CUR) {
		d->to = whence == SEEK_END ? size : 0;
		d->size = whence == SEEK_END ? size : NONE;
		d->place = NONE;
	}
	d->moves = true;
	if (by > size - d->to || by < -d->to)
		return false;
	d->to += by;
	return true;
}

long vs_deferred_place(long fd, long place)
{
	const struct deferred *d = count ? find(fd) : NULL;

	return d && d->moves ? d->to : place;
}

bool vs_deferred_leave(unsigned first, unsigned last)
{
	for (int i = 0; i < count; i++) {
		if (!vs_stays_open(&deferred[i].fd, first, last))
			return false;
	}
	return vs_terminal_leave(first, last) && vs_turn_leave(first, last);
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

static void undo_flag(struct deferred *d)
{
	long flags = vs_sys(SYS_fcntl, d->fd, F_GETFL);

	if ((flags & O_NONBLOCK) != d->before)
		toggle(d->fd, flags);
}

static long size_of(long fd)
{
	struct statx st;

	return vs_sys(SYS_statx, fd, "", AT_EMPTY_PATH, STATX_SIZE, &st)
		       ? NONE
		       : (long)st.stx_size;
}

/* What it was counted from. */
static bool is_as_it_was(const struct deferred *d)
{
	return (d->place == NONE ||
		d->place == vs_sys(SYS_lseek, d->fd, 0, SEEK_CUR)) &&
	       (d->size == NONE || d->size == size_of(d->fd));
}

static void apply_place(struct deferred *d)
{
	d->from = vs_sys(SYS_lseek, d->fd, 0, SEEK_CUR);
	d->moved = vs_sys(SYS_lseek, d->fd, d->to, SEEK_SET) == d->to;
}

/* Unless somebody has read there meanwhile. */
static void undo_place(struct deferred *d)
{
	if (vs_sys(SYS_lseek, d->fd, 0, SEEK_CUR) == d->to)
		vs_sys(SYS_lseek, d->fd, d->from, SEEK_SET);
}

bool vs_deferred_files(void)
{
	return count;
}

bool vs_deferred_waits(void)
{
	return count || vs_terminal_known() || vs_turn_waits();
}

bool vs_deferred_apply(void)
{
	for (struct deferred *d = deferred; d < deferred + count; d++) {
		if (d->moves && !is_as_it_was(d))
			return false;
	}
	if (!vs_terminal_apply() || !vs_turn_apply())
		return false;
	for (struct deferred *d = deferred; d < deferred + count; d++) {
		if (d->flags)
			apply_flag(d);
		if (d->moves)
			apply_place(d);
	}
	return true;
}

void vs_deferred_restore(void)
{
	for (struct deferred *d = deferred; d < deferred + count; d++) {
		if (d->applied)
			undo_flag(d);
		if (d->moved)
			undo_place(d);
		d->applied = d->moved = false;
	}
	vs_terminal_restore();
	vs_turn_restore();
}
