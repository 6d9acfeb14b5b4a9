/* SPDX-License-Identifier: MIT
 *
 * Open files, and the numbers that they have. New files, which are seen at
 * once, and which a rollback takes away again: the child that takes the place
 * of this one may call them something else, because a name can hold a pid, or
 * the time of day, which is read without a system call. A child that has been
 * killed, or has given up the right to, leaves them.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/stat.h> /* musl 1.2.3 has no statx */
#include <stddef.h>
#include <sys/stat.h>
#include <time.h>

#include "base/bytes.h"
#include "base/compiler.h"
#include "kernel/proc/path.h"
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

bool vs_same_inode(const struct statx *a, const struct statx *b)
{
	return a->stx_ino == b->stx_ino &&
	       a->stx_dev_major == b->stx_dev_major &&
	       a->stx_dev_minor == b->stx_dev_minor;
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

/* ---- new ones ---- */

/* Redirections of a shell make one or two. */
enum { NEW_FILES = 4, NAME_SIZE = 256 };
static struct new_file {
	char name[NAME_SIZE];
	struct statx is;
	long fd; /* its first */
	bool served;
} new_file[NEW_FILES] VS_BIG;
static int new_files VS_HOT;

bool vs_undo_room(void)
{
	return new_files < NEW_FILES;
}

enum { LOOK_AT = STATX_INO | STATX_BTIME | STATX_SIZE | STATX_NLINK };

/* A number may be another file's by now, but not with the same birth. */
static bool is_it(const struct statx *a, const struct statx *b)
{
	return vs_same_inode(a, b) &&
	       a->stx_btime.tv_sec == b->stx_btime.tv_sec &&
	       a->stx_btime.tv_nsec == b->stx_btime.tv_nsec;
}

static bool is_there(const struct new_file *file, struct statx *st)
{
	return !vs_sys(SYS_statx, AT_FDCWD, file->name, AT_SYMLINK_NOFOLLOW,
		       LOOK_AT, st) &&
	       is_it(st, &file->is);
}

/* The name by which it was made may lead from the child's folder or one of its
 * descriptors, which change: the kernel knows one that does not. */
bool vs_undo_made(long fd, bool served)
{
	struct new_file *file = &new_file[new_files];
	struct statx st;
	char path[VS_PROC_PATH], *at = path + VS_PROC_PATH - 1;
	long n;

	*at = '\0';
	at = vs_put_text(vs_put_number(at, (uint64_t)fd), "/proc/self/fd/");
	n = vs_sys(SYS_readlinkat, AT_FDCWD, at, file->name, NAME_SIZE);
	if (n <= 0 || n == NAME_SIZE ||
	    vs_sys(SYS_statx, fd, "", AT_EMPTY_PATH, LOOK_AT, &file->is))
		return false;
	file->name[n] = '\0';
	file->fd = fd;
	file->served = served;
	if (!is_there(file, &st))
		return false;
	new_files++;
	vs_txn.page->made_files = true;
	return true;
}

/* Its descriptors, which have the file open as others' would: redirections have
 * low numbers. A server of other files (FUSE), which may be the parent, is not
 * asked. */
static void let_go(const struct new_file *file)
{
	enum { LOOK = 256, HOW = AT_EMPTY_PATH | AT_STATX_DONT_SYNC };
	struct statx st;

	for (long fd = 0; fd <= LOOK; fd++) {
		long n = fd < LOOK ? fd : file->fd;

		if (!vs_sys(SYS_statx, n, "", HOW, LOOK_AT, &st) &&
		    is_it(&st, &file->is))
			vs_sys(SYS_close, n);
	}
}

static bool has_come(uint64_t which)
{
	uint64_t pending = 0;

	vs_sys(SYS_rt_sigpending, &pending, VS_KSIGSET_SIZE);
	return pending & which;
}

/* Unless others have opened it, and write to what would have no name any more:
 * there is a lease for who alone has a file open (check_conflicting_open() in
 * fs/locks.c). Who opens it right now waits for that, and SIGIO tells. Where
 * there can be no lease it is not known. */
static void take_away_unused(const char *name)
{
	enum { HOW = O_RDONLY | O_NONBLOCK | O_NOFOLLOW | O_CLOEXEC };
	uint64_t sigio = VS_SIGBIT(SIGIO);
	const struct timespec now = {0};
	bool before = has_come(sigio);
	long fd = vs_sys(SYS_openat, AT_FDCWD, name, HOW);

	if (vs_sys(SYS_fcntl, fd, F_SETLEASE, F_WRLCK) != -EAGAIN &&
	    (before || !has_come(sigio)))
		vs_sys(SYS_unlinkat, AT_FDCWD, name, 0);
	vs_sys(SYS_close, fd);
	if (!before)
		vs_sys(SYS_rt_sigtimedwait, &sigio, NULL, &now,
		       VS_KSIGSET_SIZE);
}

/* What others have written to, have given another name or have open by now
 * stays, and is found by the child that takes the place of this one, which
 * makes it. */
void vs_undo_take_away(void)
{
	struct statx st;

	while (new_files > 0) {
		const struct new_file *file = &new_file[--new_files];

		if (!is_there(file, &st) || st.stx_size || st.stx_nlink != 1)
			continue;
		if (file->served) {
			vs_sys(SYS_unlinkat, AT_FDCWD, file->name, 0);
			continue;
		}
		let_go(file);
		take_away_unused(file->name);
	}
}

bool vs_undo_has_files(void)
{
	return new_files > 0;
}
