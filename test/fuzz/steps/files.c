/* SPDX-License-Identifier: MIT
 * Steps on files by name. The name is somewhere in memory, perhaps where the
 * child has not been yet, perhaps not readable at all. */
#include <sys/statfs.h>

#include "fuzz.h"

static const char *path_in_memory(struct rng *r)
{
	char room[PATH_MAX], *at;
	size_t n;

	if (once_in(r, model.wild ? 8 : 80))
		return bad_pointer(r, 100);
	any_path(r, room);
	n = strlen(room) + 1;
	at = any_memory(r, n);
	memcpy(at, room, n);
	say(" %.80s", room);
	return at;
}

static void open_file(struct rng *r)
{
	static const int extra[] = {0,	      O_CLOEXEC,  O_DIRECTORY, O_PATH,
				    O_APPEND, O_NOFOLLOW, O_CLOEXEC,   O_SYNC};
	static const int making[] = {O_CREAT, O_CREAT, O_CREAT | O_EXCL,
				     O_TRUNC, O_CREAT | O_TRUNC};
	int flags = (int)below(r, 3) | PICK(r, extra) | O_NONBLOCK;
	const char *path;
	long done;

	if (once_in(r, 3))
		flags |= PICK(r, making);
	if (model.wild && once_in(r, 20))
		flags |= O_TMPFILE;
	path = path_in_memory(r);
	if (!may_make(path))
		flags &= ~(O_CREAT | O_TRUNC);
	if (once_in(r, 2)) {
		done = CALL(r, SYS_open, L(path), flags, 0640);
	} else {
		int dir = once_in(r, 3) ? any_fd(r) : AT_FDCWD;

		if (flags & (O_CREAT | O_TRUNC))
			dir = AT_FDCWD;
		done = CALL(r, SYS_openat, dir, L(path), flags, 0640);
	}
	say(" %x = %ld", flags, done);
	opened((int)done);
}

static void creat_file(struct rng *r)
{
	const char *path = path_in_memory(r);
	long done;

	if (!may_make(path)) {
		say(" away");
		return;
	}
	/* Opening a FIFO for writing would wait. */
	done = CALL(r, SYS_creat, L(path), (long)below(r, 512));
	say(" = %ld", done);
	opened((int)done);
}

static void say_stat(long done, const struct stat *st)
{
	say(" = %ld", done);
	/* Of /proc's, the size and the links change. */
	if (!done)
		say(" %o %d %s", st->st_mode, (int)st->st_uid, which_file(st));
}

static void stat_file(struct rng *r)
{
	struct stat *st = (struct stat *)result_pointer(r, sizeof(*st));
	int flags = once_in(r, 3) ? AT_SYMLINK_NOFOLLOW : 0;
	int fd = any_fd(r);
	long done;

	switch (below(r, 4)) {
	case 0:
		done = CALL(r, SYS_fstat, fd, L(st));
		say(" %d", fd);
		break;
	case 1:
		done = CALL(r, once_in(r, 2) ? SYS_stat : SYS_lstat,
			    L(path_in_memory(r)), L(st));
		break;
	default:
		if (once_in(r, 3))
			flags |= AT_EMPTY_PATH;
		done = CALL(r, SYS_newfstatat, once_in(r, 2) ? fd : AT_FDCWD,
			    L(path_in_memory(r)), L(st), flags);
	}
	say_stat(done, st);
	if (!done)
		memset(st, 1, sizeof(*st));
}

static void statx_file(struct rng *r)
{
	char *at = result_pointer(r, sizeof(struct statx));
	long done = CALL(r, SYS_statx, AT_FDCWD, L(path_in_memory(r)), 0,
			 STATX_BASIC_STATS, L(at));

	if (!done) {
		say(" %o", ((struct statx *)at)->stx_mode);
		memset(at, 1, sizeof(struct statx));
	}
	say(" = %ld", done);
}

static void access_file(struct rng *r)
{
	int mode = (int)below(r, 9);
	const char *path = path_in_memory(r);
	long done;

	switch (below(r, 3)) {
	case 0:
		done = CALL(r, SYS_access, L(path), mode);
		break;
	case 1:
		done = CALL(r, SYS_faccessat, AT_FDCWD, L(path), mode);
		break;
	default:
		done = CALL(r, SYS_faccessat2, AT_FDCWD, L(path), mode,
			    once_in(r, 2) ? AT_EACCESS : 0);
	}
	say(" %d = %ld", mode, done);
}

static void read_link(struct rng *r)
{
	static const unsigned sizes[] = {0, 1, 20, 500, 5000};
	unsigned size = PICK(r, sizes);
	char *at = any_pointer(r, size);
	const char *path = once_in(r, 3) ? "/proc/self" : path_in_memory(r);
	long done = once_in(r, 2)
			    ? CALL(r, SYS_readlink, L(path), L(at), L(size))
			    : CALL(r, SYS_readlinkat, AT_FDCWD, L(path), L(at),
				   L(size));

	if (done <= 0) {
		say(" %u = %ld", size, done);
		return;
	}
	/* Numbers of pipes and processes, as long as they are. */
	if (at[0] == '/' && strncmp(at, "/proc/", 6))
		say(" %u = %.*s", size, (int)done, at);
	memset(at, 1, size);
}

static void stat_system(struct rng *r)
{
	char *at = result_pointer(r, sizeof(struct statfs));
	int fd = any_fd(r);
	long done;

	if (once_in(r, 2)) {
		done = CALL(r, SYS_fstatfs, fd, L(at));
		say(" %d", fd);
	} else {
		done = CALL(r, SYS_statfs, L(path_in_memory(r)), L(at));
	}
	say(" = %ld", done);
	if (!done)
		memset(at, 1, sizeof(struct statfs));
}

static void where(struct rng *r)
{
	static const unsigned sizes[] = {0, 5, 200, 5000};
	unsigned size = PICK(r, sizes);
	char *at = any_pointer(r, size);
	long done = CALL(r, SYS_getcwd, L(at), L(size));

	/* Of a process's folder it is as long as its number. */
	if (done > 0 && in_process_folder(at)) {
		memset(at, 1, size);
		done = 6;
	}
	say(" %u = %ld", size, done);
	if (done > 6)
		say(" %s", at);
}

static void go(struct rng *r)
{
	int fd = any_fd(r);

	if (once_in(r, 2))
		say(" %d = %ld", fd, CALL(r, SYS_fchdir, fd));
	else
		say(" = %ld", CALL(r, SYS_chdir, L(path_in_memory(r))));
}

static void new_root(struct rng *r)
{
	const char *path = once_in(r, 2) ? "root" : path_in_memory(r);

	say(" = %ld", CALL(r, SYS_chroot, L(path)));
}

static void mask(struct rng *r)
{
	int to = (int)below(r, 01000);

	say(" %o = %ld", to, CALL(r, SYS_umask, to));
}

const struct kind file_kinds[] = {
	{"open", open_file, LOCAL | CLEAN | SETUP, 8},
	{"creat", creat_file, LOCAL, 1},
	{"stat", stat_file, LOCAL | CLEAN, 5},
	{"statx", statx_file, LOCAL | CLEAN, 1},
	{"access", access_file, LOCAL | CLEAN, 3},
	{"readlink", read_link, LOCAL | CLEAN, 3},
	{"statfs", stat_system, LOCAL | CLEAN, 2},
	{"getcwd", where, LOCAL | CLEAN, 2},
	{"chdir", go, LOCAL | CLEAN | SETUP, 3},
	{"chroot", new_root, LOCAL, 1},
	{"umask", mask, LOCAL | CLEAN | SETUP, 2},
	{0},
};
