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
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/compiler.h"
#include "kernel/proc/dirent64.h"
#include "port.h"
#include "stats/internal.h"

/* Of those that are gone so many stay. */
enum { KEPT = 64 };

struct gone {
	unsigned n;
	char name[KEPT][VS_LIVE_NAME];
};

static const char *time_of(const char *name)
{
	return name + strspn(name, "0123456789") + 1;
}

/* Digits, a dot, and 16 of another kind. */
static bool is_ours(const char *name)
{
	const char *dot = name + strspn(name, "0123456789");

	return dot != name && *dot == '.' &&
	       strspn(dot + 1, "0123456789abcdef") == 16 && !dot[17];
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

enum state { USED, EMPTY, GONE };

static enum state state_of(int dir, const char *name)
{
	enum { HOW = O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC };
	long fd = vs_sys(SYS_openat, dir, name, HOW);
	enum state state = USED;
	char magic[8] = "";
	uint32_t first = 0;

	if (fd < 0)
		return USED;
	if (pread((int)fd, magic, sizeof(magic), 0) == sizeof(magic) &&
	    !memcmp(magic, VS_LIVE_MAGIC, sizeof(magic)) &&
	    !is_used(fd, atoi(name))) {
		pread((int)fd, &first, sizeof(first),
		      offsetof(struct vs_live, tally.row));
		state = first ? GONE : EMPTY;
	}
	vs_sys(SYS_close, fd);
	return state;
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

static void look_at(int dir, struct gone *gone, const char *name)
{
	if (strlen(name) >= VS_LIVE_NAME || !is_ours(name))
		return;
	switch (state_of(dir, name)) {
	case USED:
		break;
	case EMPTY:
		vs_sys(SYS_unlinkat, dir, name, 0);
		break;
	case GONE:
		note(dir, gone, name);
		break;
	}
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

			look_at(dir, &gone, d->name);
			at += d->size;
		}
	}
}
