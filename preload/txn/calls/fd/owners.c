/* SPDX-License-Identifier: MIT
 * Which descriptors the child has, and which of them it has opened itself.
 * Those beyond the table count as inherited: then it may do less with them. */
#include <errno.h>
#include <fcntl.h>
#include <stddef.h>
#include <sys/vfs.h>

#include "kernel/proc/dirent64.h"
#include "txn/calls/fd/mem_fd.h"
#include "txn/calls/fd/owners.h"
#include "txn/child/internal.h"

enum { TRACKED = 1024 };
static unsigned char owner[TRACKED];

enum vs_fd_owner vs_owner(long fd)
{
	return fd >= 0 && fd < TRACKED ? (enum vs_fd_owner)owner[fd]
				       : VS_FD_INHERITED;
}

/* ---- a stretch of numbers none of which is open ---- */

/* Many programs close, or ask about, all numbers up to the limit, which may be
 * a million. After so many in a row that are not open the kernel is asked for
 * the next one that is. */
enum { IN_A_ROW = 32 };
static struct {
	unsigned first, end;
} gap;
static unsigned misses;

/* Past the number of the list itself. False if nothing was read. */
static bool first_listed(long dir, unsigned *fd)
{
	enum { ROOM = 256 };
	char list[ROOM] __attribute__((aligned(8)));
	long n = vs_sys(SYS_getdents64, dir, list, ROOM), number;
	const struct vs_dirent64 *e;

	*fd = ~0U;
	for (long at = 0; at < n; at += e->size) {
		e = (const struct vs_dirent64 *)(const void *)(list + at);
		number = vs_name_number(e->name);
		if (number < 0)
			return false;
		if (number != dir) {
			*fd = (unsigned)number;
			break;
		}
	}
	return n >= 0;
}

/* In the list of descriptors each has the place of its number, after two
 * (proc_readfd_common() in fs/proc/fd.c). */
static void find_gap(unsigned from)
{
	long dir = vs_sys(SYS_openat, AT_FDCWD, "/proc/self/fd",
			  O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	struct statfs fs;
	unsigned end;

	if (dir < 0)
		return;
	if (!vs_sys(SYS_fstatfs, dir, &fs) && fs.f_type == PROC_SUPER_MAGIC &&
	    vs_sys(SYS_lseek, dir, from + 2, 0) > 0 &&
	    first_listed(dir, &end) && end >= from) {
		gap.first = from;
		gap.end = end;
	}
	vs_sys(SYS_close, dir);
}

bool vs_fd_absent(long fd)
{
	return (unsigned)fd >= gap.first && (unsigned)fd < gap.end;
}

long vs_fd_result(long fd, long r)
{
	if (r != -EBADF)
		misses = 0;
	else if (++misses % IN_A_ROW == 0 && (int)fd >= 0)
		find_gap((unsigned)fd);
	return r;
}

/* ---- new ones, and closed ones ---- */

void vs_owner_set(long fd, enum vs_fd_owner what)
{
	if (fd >= 0 && fd < TRACKED)
		owner[fd] = (unsigned char)what;
	if (fd >= 0 && vs_fd_absent(fd))
		gap.end = (unsigned)fd;
}

void vs_owner_forget(unsigned first, unsigned last)
{
	for (unsigned fd = first; fd <= last && fd < TRACKED; fd++)
		owner[fd] = VS_FD_INHERITED;
}
