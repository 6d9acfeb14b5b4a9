/* SPDX-License-Identifier: MIT
 *
 * The descriptor of the parent's memory, which no true child would have: for
 * the speculative child its number is not open, is free, and is not listed.
 */
#include <dirent.h>
#include <fcntl.h>
#include <stddef.h>
#include <sys/vfs.h>

#include "port.h"
#include "txn_fds.h"

bool vs_fds_is_memory(long fd)
{
	return (int)fd == vs_txn.mem;
}

long vs_fds_shown(long fd)
{
	return vs_fds_is_memory(fd) ? -1 : fd;
}

void vs_fds_move_memory(long at_least)
{
	long to = vs_sys(SYS_fcntl, vs_txn.mem, F_DUPFD_CLOEXEC, at_least);

	if (to < 0)
		vs_child_rollback(VS_WHY_NO_RESOURCE, 0);
	vs_sys(SYS_close, vs_txn.mem);
	vs_txn.mem = (int)to;
}

bool vs_fds_take_back(long fd, long other)
{
	enum { OUT_OF_THE_WAY = 64 };
	long highest = fd > other ? fd : other;

	if (highest < vs_txn.mem)
		return false;
	vs_sys(SYS_close, fd);
	if (other >= 0)
		vs_sys(SYS_close, other);
	vs_fds_move_memory(highest + OUT_OF_THE_WAY);
	return true;
}

/* What getdents64 writes. */
struct entry {
	uint64_t inode;
	int64_t offset;
	unsigned short size;
	unsigned char type;
	char name[];
};

static bool names_memory(const char *name)
{
	int n = 0;

	for (; *name >= '0' && *name <= '9'; name++)
		n = n * 10 + (*name - '0');
	return *name == '\0' && n == vs_txn.mem;
}

/* The size of the list without the memory. In /proc, where links that are
 * numbers are descriptors, all of the reader if it has opened the list. */
static long without_memory(char *list, long size)
{
	const struct entry *e;

	for (long at = 0; at < size; at += e->size) {
		e = (const struct entry *)(const void *)(list + at);
		if (e->type == DT_LNK && names_memory(e->name)) {
			size -= e->size;
			__builtin_memmove(list + at, list + at + e->size,
					  (size_t)(size - at));
			break;
		}
	}
	return size;
}

long vs_fds_list(long dir, char *list, long size)
{
	struct statfs fs;
	long n, rest;

	vs_pages_want((uintptr_t)list, (uintptr_t)size);
	do {
		n = rest = vs_sys(SYS_getdents64, dir, list, size);
		if (n > 0 && !vs_sys(SYS_fstatfs, dir, &fs) &&
		    fs.f_type == PROC_SUPER_MAGIC)
			rest = without_memory(list, n);
	} while (n > 0 && rest == 0);
	return rest;
}
