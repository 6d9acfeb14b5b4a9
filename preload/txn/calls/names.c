/* SPDX-License-Identifier: MIT
 *
 * Calls that make a name, or take one away: mkdir(), unlink() and their like.
 * Many only make sure (mkdir -p, rm -f), and change nothing: what is to be made
 * is there, what is to be taken away is not. The child looks first, and what it
 * has seen is the answer, for it was true at one moment of the call. To look
 * is nothing that anybody could notice: the kernel goes the same way to the
 * name's folder, and there looks it up, before it asks for any right but to
 * search (filename_create() and do_unlinkat() in fs/namei.c). All else rolls
 * back.
 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/stat.h> /* musl 1.2.3 has no statx */
#include <stddef.h>
#include <sys/statvfs.h>
#include <sys/vfs.h>

#include "base/bytes.h"
#include "base/compiler.h"
#include "txn/calls/internal.h"

/* A name: what its folder is called, and it itself, without slashes behind. */
struct name {
	char folder[PATH_MAX], all[PATH_MAX];
	bool slash; /* there were some: it is to be a folder */
};
static struct name name VS_BIG;

/* "." at the end of the folder's: as on the way to what is in it, links are
 * followed, and it must be allowed to search there. False if the kernel would
 * say something about the name itself. */
static bool split(const char *path, struct name *to)
{
	size_t n = path ? vs_length(path, '\0') : 0, end = n, last;

	while (end && path[end - 1] == '/')
		end--;
	for (last = end; last && path[last - 1] != '/';)
		last--;
	if (n > PATH_MAX - 2 || end == last || end - last > NAME_MAX)
		return false;
	vs_copy_up(vs_copy_up(to->folder, path, last), ".", 2);
	*vs_copy_up(to->all, path, end) = '\0';
	to->slash = end < n;
	return !vs_same(to->all + last, ".") && !vs_same(to->all + last, "..");
}

/* Without an open(), of which who watches that folder would be told. */
static long folder_is(long dir, struct statfs *fs)
{
	if (dir == AT_FDCWD || name.folder[0] == '/')
		return vs_sys(SYS_statfs, name.folder, fs);
	return name.folder[1] ? -EPERM : vs_sys(SYS_fstatfs, dir, fs);
}

/* Whether it is there: 1 or 0; why it can't be: -errno. -EPERM if that is not
 * to be said: a server may know better, and where nothing may be changed, the
 * kernel says that first. */
static long look(long dir, bool changes)
{
	struct statfs fs;
	struct statx st;
	long r = folder_is(dir, &fs);

	vs_child.looked = true;
	if (r)
		return r;
	if (vs_is_served(&fs) || (changes && fs.f_flags & ST_RDONLY))
		return -EPERM;
	r = vs_sys(SYS_statx, dir, name.all,
		   AT_SYMLINK_NOFOLLOW | AT_NO_AUTOMOUNT, STATX_TYPE, &st);
	if (r && r != -ENOENT && r != -ENOTDIR)
		return -EPERM;
	return r == -ENOTDIR ? r : !r;
}

/* As above, but rolls back where there is no answer. */
static long find(long nr, long dir, const char *path, bool changes)
{
	long r;

	vs_mem_fd_want_path(nr, path);
	if (!split(path, &name))
		vs_child_rollback(VS_UNDONE_SYSCALL, nr);
	r = look(vs_mem_fd_hide((int)dir), changes);
	if (r < 0 && r != -ENOENT && r != -ENOTDIR && r != -EACCES &&
	    r != -ELOOP && r != -EBADF)
		vs_child_rollback(VS_UNDONE_SYSCALL, nr);
	return r;
}

long vs_make_name_call(long nr, long dir, const char *path)
{
	long r = find(nr, dir, path, false);

	if (!r)
		vs_child_rollback(VS_UNDONE_SYSCALL, nr);
	return r < 0 ? r : -EEXIST;
}

long vs_remove_name_call(long nr, long dir, const char *path)
{
	long r = find(nr, dir, path, true);

	if (r > 0)
		vs_child_rollback(VS_UNDONE_SYSCALL, nr);
	return r < 0 ? r : -ENOENT;
}

long vs_unlinkat_call(const long args[6])
{
	if (args[2] & ~(long)AT_REMOVEDIR)
		vs_child_rollback(VS_UNDONE_SYSCALL, SYS_unlinkat);
	return vs_remove_name_call(SYS_unlinkat, args[0],
				   (const char *)args[1]);
}

/* Whether the name is of that folder, as split() calls it. */
static bool is_in(const char *folder, const char *path)
{
	size_t n = 0;

	for (; folder[n + 1]; n++, path++) {
		if (*path != folder[n])
			return false;
	}
	path += vs_length(path, '/');
	while (*path == '/')
		path++;
	return !*path;
}

/* Within one folder: across two there may be more to say. */
long vs_rename_call(long nr, const long from[2], const long to[2], long flags)
{
	vs_mem_fd_want_path(nr, (const char *)to[1]);
	if (flags || !from[1] || (int)from[0] != (int)to[0] ||
	    !split((const char *)to[1], &name) ||
	    !is_in(name.folder, (const char *)from[1]))
		vs_child_rollback(VS_UNDONE_SYSCALL, nr);
	return vs_remove_name_call(nr, from[0], (const char *)from[1]);
}

/* There is one for open(), which takes it before it looks for the name
 * (do_sys_openat2() in fs/open.c): if there is none it says that. */
static bool has_number(void)
{
	long fd = vs_sys(SYS_openat, AT_FDCWD, "/", O_PATH | O_CLOEXEC);

	vs_sys(SYS_close, fd);
	return fd >= 0;
}

/* Of open(): one that O_EXCL is to make. */
long vs_exclusive_call(long dir, const char *path, long flags)
{
	enum { OTHERS = O_PATH | O_DIRECTORY };
	long r;

	if (!(flags & O_CREAT) || flags & OTHERS)
		vs_child_rollback(VS_UNDONE_SYSCALL, SYS_openat);
	r = find(SYS_openat, dir, path, false);
	if (!r || name.slash || !has_number())
		vs_child_rollback(VS_UNDONE_SYSCALL, SYS_openat);
	return r < 0 ? r : -EEXIST;
}
