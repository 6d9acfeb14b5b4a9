/* SPDX-License-Identifier: MIT
 * The file actions, in the child: see child.c for what that allows. Each
 * returns what its system call did, -errno on failure. */

#include <fcntl.h>
#include <sys/ioctl.h>
#include <sys/resource.h>

#include "kernel/proc/dirent64.h"
#include "spawn/internal.h"

/* Closing what is not open is fine, a number out of range is not. */
static long do_close(int fd)
{
	struct {
		uint64_t soft, hard;
	} limit = {0, 0};
	long r = vs_sys(SYS_close, fd);

	if (r >= 0)
		return 0;
	vs_sys(SYS_prlimit64, 0, RLIMIT_NOFILE, NULL, &limit);
	return fd < 0 || (uint64_t)fd >= limit.soft ? r : 0;
}

/* The target is closed first: the process may be at its limit, and a device
 * may allow one opener at a time. */
static long do_open(const struct vs_action *a)
{
	int fd = a->open.fd;
	long r, opened;

	vs_sys(SYS_close, fd);
	opened = vs_sys(SYS_openat, AT_FDCWD, a->open.path,
			a->open.flags | O_LARGEFILE, a->open.mode);
	if (opened < 0 || opened == fd)
		return opened;
	r = vs_sys(SYS_dup3, opened, fd, 0);
	return r < 0 ? r : vs_sys(SYS_close, opened);
}

/* A descriptor onto itself: it survives the exec (Austin Group issue 411). */
static long do_dup2(int from, int to)
{
	long flags;

	if (from != to)
		return vs_sys(SYS_dup3, from, to, 0);
	flags = vs_sys(SYS_fcntl, to, F_GETFD, 0);
	if (flags < 0)
		return flags;
	return vs_sys(SYS_fcntl, to, F_SETFD, flags & ~FD_CLOEXEC);
}

/* Closes what one read of the directory lists. */
static bool close_listed(const char *at, const char *end, int from, int dir)
{
	bool closed = false;

	while (at < end) {
		const struct vs_dirent64 *e = (const void *)at;
		int fd = vs_name_number(e->name);

		at += e->size;
		if (fd < from || fd == dir)
			continue;
		vs_sys(SYS_close, fd);
		closed = true;
	}
	return closed;
}

/* Without close_range: what /proc says is open. Closing while reading makes
 * the directory skip entries, so it is read anew until nothing is left. */
static long do_closefrom(int from)
{
	_Alignas(struct vs_dirent64) char buffer[512];
	long dir, got, r = vs_sys(SYS_close_range, from, ~0U, 0);

	if (!r)
		return 0;
	dir = vs_sys(SYS_openat, AT_FDCWD, "/proc/self/fd",
		     O_RDONLY | O_DIRECTORY, 0);
	if (dir < 0)
		return dir;
	for (;;) {
		got = vs_sys(SYS_getdents64, dir, buffer, sizeof(buffer));
		if (got <= 0)
			break;
		if (close_listed(buffer, buffer + got, from, (int)dir))
			vs_sys(SYS_lseek, dir, 0, SEEK_SET);
	}
	vs_sys(SYS_close, dir);
	return got;
}

static long do_tcsetpgrp(const struct vs_attr *a, int fd)
{
	pid_t group = a->flags & POSIX_SPAWN_SETPGROUP ? a->pgroup : 0;

	if (!group)
		group = (pid_t)vs_sys(SYS_getpgid, 0);
	return vs_sys(SYS_ioctl, fd, TIOCSPGRP, &group);
}

long vs_spawn_action(const struct vs_spawn *s, const struct vs_action *a)
{
	switch (a->kind) {
	case VS_CLOSE:
		return do_close(a->fd);
	case VS_DUP2:
		return do_dup2(a->dup2.from, a->dup2.to);
	case VS_OPEN:
		return do_open(a);
	case VS_CHDIR:
		return vs_sys(SYS_chdir, a->path);
	case VS_FCHDIR:
		return vs_sys(SYS_fchdir, a->fd);
	case VS_CLOSEFROM:
		return do_closefrom(a->fd);
	case VS_TCSETPGRP:
		return do_tcsetpgrp(&s->attr, a->fd);
	}
	return 0;
}
