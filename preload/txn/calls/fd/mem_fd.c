/* SPDX-License-Identifier: MIT
 *
 * The descriptor of the parent's memory, which no native child would have: for
 * the speculative child its number is not open, is free, and is not listed.
 */
#include <dirent.h>
#include <fcntl.h>
#include <linux/stat.h> /* musl 1.2.3 has no statx */
#include <stddef.h>
#include <sys/vfs.h>

#include "base/bytes.h"
#include "kernel/proc/dirent64.h"
#include "txn/calls/fd/mem_fd.h"
#include "txn/child/internal.h"

/* The child's: it has been moved, and from where at first. */
static int moved_from = -1;

bool vs_mem_fd_is(long fd)
{
	return vs_txn.mem_fd >= 0 && (int)fd == vs_txn.mem_fd;
}

long vs_mem_fd_hide(long fd)
{
	return vs_mem_fd_is(fd) ? -1 : fd;
}

void vs_mem_fd_move(long at_least)
{
	long to = vs_sys(SYS_fcntl, vs_txn.mem_fd, F_DUPFD_CLOEXEC, at_least);

	if (to < 0)
		vs_child_rollback(VS_UNDONE_NO_RESOURCE, 0);
	vs_sys(SYS_close, vs_txn.mem_fd);
	if (moved_from < 0)
		moved_from = vs_txn.mem_fd;
	vs_txn.mem_fd = (int)to;
}

bool vs_mem_fd_take_back(long fd, long other)
{
	enum { OUT_OF_THE_WAY = 64 };
	long highest = fd > other ? fd : other;

	if (vs_txn.mem_fd < 0 || highest < vs_txn.mem_fd)
		return false;
	vs_sys(SYS_close, fd);
	if (other >= 0)
		vs_sys(SYS_close, other);
	vs_mem_fd_move(highest + OUT_OF_THE_WAY);
	return true;
}

/* What is there is named by where it is mapped, and that is not so where this
 * child has its lazy ranges. */
static bool is_of_maps(const char *part)
{
	static const char name[] = "map_files";

	return *part == *name && vs_begins(part, name);
}

void vs_mem_fd_want_path(long nr, const char *path)
{
	vs_pages_want_string(path);
	for (const char *part = path; part && *part; part++) {
		if (vs_mem_fd_is(vs_name_number(part)) || is_of_maps(part))
			vs_child_rollback(VS_UNDONE_SYSCALL, nr);
		part += vs_length(part, '/');
		if (!*part)
			break;
	}
}

/* The number that it has in the parent. */
static int parents_number(void)
{
	return moved_from < 0 ? vs_txn.mem_fd : moved_from;
}

/* In a list of this process's descriptors, or its parent's, who waits. What
 * has the same number in another process is something else. */
static bool is_memory(long dir, const struct vs_dirent64 *e)
{
	struct statx memory, named;
	char path[6 + 10 + 1] = "../fd/";
	int n = vs_name_number(e->name);

	if (e->type != DT_LNK && e->type != DT_REG) /* fd, fdinfo */
		return false;
	if (n < 0 || (n != vs_txn.mem_fd && n != parents_number()))
		return false;
	/* Nine digits at most: vs_name_number() says so. */
	vs_copy_up(path + 6, e->name, vs_length(e->name, '\0') + 1);
	if (vs_sys(SYS_statx, vs_txn.mem_fd, "", AT_EMPTY_PATH, STATX_INO,
		   &memory))
		return e->type == DT_LNK;
	return !vs_sys(SYS_statx, dir, path, 0, STATX_INO, &named) &&
	       vs_same_inode(&memory, &named);
}

/* The size of the list without the memory. */
static long without_memory(long dir, char *list, long size)
{
	const struct vs_dirent64 *e;

	for (long at = 0; at < size; at += e->size) {
		e = (const struct vs_dirent64 *)(const void *)(list + at);
		if (is_memory(dir, e)) {
			size -= e->size;
			vs_copy_up(list + at, list + at + e->size,
				   (size_t)(size - at));
			break;
		}
	}
	return size;
}

long vs_mem_fd_list(long dir, char *list, long size)
{
	struct statfs fs;
	long n, rest;

	vs_child_want((uintptr_t)list, (uintptr_t)size);
	do {
		n = rest = vs_sys(SYS_getdents64, dir, list, size);
		if (n > 0 && !vs_sys(SYS_fstatfs, dir, &fs) &&
		    fs.f_type == PROC_SUPER_MAGIC)
			rest = without_memory(dir, list, n);
	} while (n > 0 && rest == 0);
	return rest;
}
