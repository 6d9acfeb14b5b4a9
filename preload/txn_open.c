/* SPDX-License-Identifier: MIT
 * The speculative child opens files: which ones it may. */
#include <errno.h>
#include <fcntl.h>
#include <stddef.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/vfs.h>

#include "port.h"
#include "txn_fds.h"

#ifndef PROC_SUPER_MAGIC
#	define PROC_SUPER_MAGIC 0x9fa0
#endif

/* /dev/null, zero, full, random, urandom */
static bool harmless_device(const struct stat *st)
{
	unsigned minor_number = minor(st->st_rdev);

	return S_ISCHR(st->st_mode) && major(st->st_rdev) == 1 &&
	       (minor_number == 3 || minor_number == 5 || minor_number == 7 ||
		minor_number == 8 || minor_number == 9);
}

/*
 * A FIFO, a terminal or a device may notice that it is opened. What a new or
 * a truncated file does to the file system stays when the child goes. That is
 * right if the child that takes its place does the same again; it may not if
 * it has seen what was there before, or if the name holds a pid or a random
 * number.
 */
static bool may_open(long dir, const char *path, long flags)
{
	struct stat st;
	long r = vs_sys(SYS_newfstatat, dir, path, &st, 0);

	if (r == -ENOENT && flags & O_CREAT)
		return !vs_child_asked_identity && !vs_child_looked;
	if (r < 0)
		return true;
	if (flags & O_TRUNC && st.st_size && vs_child_looked)
		return false;
	return S_ISREG(st.st_mode) || S_ISDIR(st.st_mode) ||
	       harmless_device(&st);
}

long vs_open_call(long dir, const char *path, long flags, long mode)
{
	struct statfs fs;
	struct stat st;
	long fd;

	vs_pages_want_string(path);
	if (flags & O_EXCL || (flags & O_TMPFILE) == O_TMPFILE ||
	    !may_open(dir, path, flags))
		vs_child_rollback(VS_WHY_SYSCALL, SYS_openat);
	do
		fd = vs_sys(SYS_openat, dir, path, flags, mode);
	while (vs_fds_take_back(fd, -1));
	if (fd < 0) {
		vs_child_looked = true;
		return fd;
	}
	/* A process's own files in /proc show what is not there natively, like
	 * the holes in its map. Directories are read to close descriptors. */
	if (vs_sys(SYS_fstat, fd, &st) || vs_sys(SYS_fstatfs, fd, &fs) ||
	    (fs.f_type == PROC_SUPER_MAGIC && !S_ISDIR(st.st_mode)))
		vs_child_rollback(VS_WHY_SYSCALL, SYS_openat);
	vs_fds_set_own(fd, VS_FD_FILE);
	return fd;
}
