/* SPDX-License-Identifier: MIT
 *
 * What a killed process leaves behind is kept for whoever wants to know, but
 * not for ever: /run is small. Whether a file is in use only the kernel knows
 * for sure, for its pid may be of another namespace, or somebody else's by now:
 * there is no lease to be had on what is open, or mapped, for writing
 * (fcntl(2), F_SETLEASE). Who does not own it does not get one, either.
 */
#include <asm/unistd.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>

#include "base/compiler.h"
#include "kernel/dirent64.h"
#include "port.h"
#include "stats/internal.h"

/* Of those that are gone so many stay. */
enum { KEPT = 64 };

struct gone {
	unsigned n;
	char name[KEPT][VS_LIVE_NAME];
};

/* Digits, a dot, and 16 of another kind. */
static const char *time_of(const char *name)
{
	const char *dot = name + strspn(name, "0123456789");

	if (dot == name || *dot != '.' ||
	    strspn(dot + 1, "0123456789abcdef") != 16 || dot[17])
		return NULL;
	return dot + 1;
}

/* Where there are no leases (fs.leases-enable is 0, or the file system has
 * none), by its pid. */
static bool is_used(long fd, int pid)
{
	long r = vs_sys(SYS_fcntl, fd, F_SETLEASE, F_RDLCK);

	if (r == -EINVAL)
		return pid <= 0 || vs_sys(SYS_kill, pid, 0) != -ESRCH;
	return r;
}

static bool is_gone(int dir, const char *name)
{
	enum { HOW = O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC };
	long fd = vs_sys(SYS_openat, dir, name, HOW);
	char magic[8] = "";
	bool gone;

	if (fd < 0)
		return false;
	gone = vs_sys(SYS_read, fd, magic, sizeof(magic)) == sizeof(magic) &&
	       !memcmp(magic, VS_LIVE_MAGIC, sizeof(magic)) &&
	       !is_used(fd, atoi(name));
	vs_sys(SYS_close, fd);
	return gone;
}

/* Keeps the latest; the others go. */
static void note(int dir, struct gone *gone, const char *name)
{
	unsigned oldest = gone->n;

	if (gone->n < KEPT) {
		gone->n++;
	} else {
		oldest = 0;
		for (unsigned i = 1; i < KEPT; i++) {
			if (strcmp(time_of(gone->name[i]),
				   time_of(gone->name[oldest])) < 0)
				oldest = i;
		}
		if (strcmp(time_of(name), time_of(gone->name[oldest])) < 0) {
			vs_sys(SYS_unlinkat, dir, name, 0);
			return;
		}
		vs_sys(SYS_unlinkat, dir, gone->name[oldest], 0);
	}
	strcpy(gone->name[oldest], name);
}

void vs_live_sweep(int dir)
{
	static struct gone gone VS_BIG;
	char buf[2048] __attribute__((aligned(8)));
	long n;

	gone.n = 0;
	while ((n = vs_sys(SYS_getdents64, dir, buf, sizeof(buf))) > 0) {
		for (long at = 0; at < n;) {
			const struct vs_dirent64 *d = (void *)(buf + at);

			if (strlen(d->name) < VS_LIVE_NAME &&
			    time_of(d->name) && is_gone(dir, d->name))
				note(dir, &gone, d->name);
			at += d->size;
		}
	}
}
