/* SPDX-License-Identifier: MIT
 * The speculative child opens files: which ones it may. */
#include <errno.h>
#include <fcntl.h>
#include <linux/stat.h> /* musl 1.2.3 has no statx */
#include <stddef.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/vfs.h>

#include "base/bytes.h"
#include "base/compiler.h"
#include "txn/calls/internal.h"

#ifndef DEVPTS_SUPER_MAGIC /* linux/magic.h */
#	define DEVPTS_SUPER_MAGIC 0x1cd1
#endif

/* File systems with regular files of which what is read is gone: as that, and
 * fs/ and usb/gadget/ in the kernel's source, have their numbers. */
static const uint32_t consumed[] = {
	0x74726163, /* tracefs: trace_pipe */
	0x64626720, /* debugfs */
	0xaee71ee7, /* gadgetfs */
	0x0a647361, /* functionfs */
};

static bool is_consumed(const struct statfs *fs)
{
	for (unsigned i = 0; i < VS_COUNT(consumed); i++) {
		if ((uint32_t)fs->f_type == consumed[i])
			return true;
	}
	return false;
}

/* /dev/null, zero, full, random, urandom */
static bool harmless_device(const struct statx *st)
{
	unsigned minor = st->stx_rdev_minor;

	return S_ISCHR(st->stx_mode) && st->stx_rdev_major == 1 &&
	       (minor == 3 || minor == 5 || minor == 7 || minor == 8 ||
		minor == 9);
}

/* A pseudo-terminal that the child has from its parent
 * already. One more descriptor of it changes nothing, and to close that
 * neither; the last one would hang up who has the other side. */
static bool has_terminal(const struct statx *st)
{
	enum { LOOK = 256 };
	struct statx other;

	if (!vs_is_terminal_slave(st))
		return false;
	for (long fd = 0; fd < LOOK; fd++) {
		if (!vs_sys(SYS_statx, fd, "", AT_EMPTY_PATH, STATX_INO,
			    &other) &&
		    vs_same_inode(&other, st) &&
		    !(vs_sys(SYS_fcntl, fd, F_GETFL) & O_PATH))
			return true;
	}
	return false;
}

/* /dev/tty: its own terminal, which the first one to be asked about has. To
 * open it changes nothing, nor to close it, if it has none, or has it open
 * already. */
static bool is_own_terminal(const struct statx *st)
{
	enum { TTYAUX_MAJOR = 5, TTY = 0 };

	return S_ISCHR(st->stx_mode) && st->stx_rdev_major == TTYAUX_MAJOR &&
	       st->stx_rdev_minor == TTY;
}

static bool has_own_terminal_open(void)
{
	enum { LOOK = 256 };
	struct statx st;
	int group;

	for (long fd = 0; fd < LOOK; fd++) {
		if (!vs_sys(SYS_ioctl, fd, TIOCGPGRP, &group) &&
		    !vs_sys(SYS_statx, fd, "", AT_EMPTY_PATH, STATX_BASIC_STATS,
			    &st) &&
		    (vs_is_terminal_slave(&st) || is_own_terminal(&st)))
			return true;
	}
	return false;
}

/* The 7th field of /proc/self/stat is none; the 2nd ends with the last ')'. */
static bool has_no_terminal(void)
{
	enum { ENOUGH = 128, FIELDS = 5 };
	char text[ENOUGH + 1], *at = text;
	long fd = vs_sys(SYS_openat, AT_FDCWD, "/proc/self/stat",
			 O_RDONLY | O_CLOEXEC);
	long n = vs_sys(SYS_read, fd, text, ENOUGH);

	vs_sys(SYS_close, fd);
	if (n <= 0)
		return false;
	text[n] = '\0';
	for (char *c = text; *c; c++) {
		if (*c == ')')
			at = c;
	}
	for (int i = 0; i < FIELDS && at < text + n; i++)
		at += vs_length(at, ' ') + 1;
	return at < text + n && at[0] == '0' && at[1] == ' ';
}

static bool may_open_own_terminal(void)
{
	return !vs_terminal_waits() &&
	       (has_no_terminal() || has_own_terminal_open());
}

static bool is_served(long fd)
{
	struct statfs fs;

	return vs_sys(SYS_fstatfs, fd, &fs) || vs_is_served(&fs);
}

/* New files are undone by a rollback. Who sees one could see, too, what the
 * child has done before. */
static long create(long dir, const char *path, long flags, long mode)
{
	long fd;

	if (vs_child.confined || !vs_undo_room() || vs_deferred_files())
		return -EPERM;
	/* O_EXCL: only if it is this call that makes it. */
	fd = vs_sys(SYS_openat, dir, path, flags | O_EXCL, mode);
	if (fd < 0 || vs_undo_made(fd, is_served(fd)))
		return fd;
	vs_sys(SYS_unlinkat, dir, path, 0);
	return -EPERM;
}

/*
 * A FIFO, a terminal or a device may notice that it is opened. That a file is
 * truncated stays; it is right if the child that takes the place of this one
 * does the same again, but it may not if it sees what was there before.
 */
static bool may_open(const struct statx *st, long flags)
{
	if (flags & O_TRUNC && st->stx_size &&
	    (vs_child.looked || vs_deferred_files()))
		return false;
	return S_ISREG(st->stx_mode) || S_ISDIR(st->stx_mode) ||
	       harmless_device(st) || has_terminal(st) ||
	       (is_own_terminal(st) && may_open_own_terminal());
}

/* -EPERM stands for what a speculative child may not do. */
static long try_open(long dir, const char *path, long flags, long mode)
{
	struct statx st;
	long r = vs_sys(SYS_statx, dir, path, AT_STATX_SYNC_AS_STAT,
			STATX_BASIC_STATS, &st);

	if (r == -ENOENT && flags & O_CREAT)
		return create(dir, path, flags, mode);
	if (!r && !may_open(&st, flags))
		return -EPERM;
	/* A terminal becomes the controlling one with the exec. */
	if (!r && S_ISCHR(st.stx_mode))
		flags |= O_NOCTTY;
	return vs_sys(SYS_openat, dir, path, flags, mode);
}

long vs_open_call(long dir, const char *path, long flags, long mode)
{
	bool unnamed = (flags & O_TMPFILE) == O_TMPFILE;
	struct statfs fs;
	struct statx st;
	long fd, r;

	vs_mem_fd_want_path(SYS_openat, path);
	if (flags & O_EXCL && !unnamed)
		return vs_exclusive_call(dir, path, flags);
	do
		fd = try_open(dir, path, flags, mode);
	while (vs_mem_fd_take_back(fd, -1));
	if (fd == -EPERM || (fd == -EEXIST && flags & O_CREAT))
		vs_child_rollback(VS_UNDONE_SYSCALL, SYS_openat);
	if (fd < 0) {
		vs_child.looked = true;
		return fd;
	}
	if (vs_sys(SYS_statx, fd, "", AT_EMPTY_PATH, STATX_BASIC_STATS, &st))
		vs_child_rollback(VS_UNDONE_SYSCALL, SYS_openat);
	/* 32 bits may not hold the size of another file system. */
	r = vs_sys(SYS_fstatfs, fd, &fs);
	if (r == -EOVERFLOW)
		fs.f_type = 0;
	else if (r)
		vs_child_rollback(VS_UNDONE_SYSCALL, SYS_openat);
	if (is_consumed(&fs) && S_ISREG(st.stx_mode))
		vs_child_rollback(VS_UNDONE_SYSCALL, SYS_openat);
	if (fs.f_type == PROC_SUPER_MAGIC && !S_ISDIR(st.stx_mode)) {
		enum vs_fd_owner what = vs_proc_owner(path, flags);

		if (what == VS_FD_INHERITED)
			vs_child_rollback(VS_UNDONE_SYSCALL, SYS_openat);
		vs_owner_set(fd, what);
		return fd;
	}
	if (fs.f_type == DEVPTS_SUPER_MAGIC) {
		if (!(flags & O_NOCTTY) && !vs_terminal_opened(fd))
			vs_child_rollback(VS_UNDONE_SYSCALL, SYS_openat);
		vs_owner_set(fd, VS_FD_INHERITED);
		return fd;
	}
	/* Nobody else can have what has no name. */
	if (unnamed)
		vs_owner_set(fd, VS_FD_PIPE);
	else
		vs_owner_set(fd, is_own_terminal(&st) ? VS_FD_INHERITED
						      : VS_FD_FILE);
	return fd;
}
