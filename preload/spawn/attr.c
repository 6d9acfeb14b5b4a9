/* SPDX-License-Identifier: MIT
 * The attributes of a call. The object is libc's; its getters have been there
 * from the start, but for the cgroup's (glibc 2.39). */

#include <errno.h>
#include <string.h>

#include "libc/facts.h"
#include "libc/real.h"
#include "spawn/spawn.h"

enum {
	KNOWN = POSIX_SPAWN_RESETIDS | POSIX_SPAWN_SETPGROUP |
		POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK |
		POSIX_SPAWN_SETSCHEDPARAM | POSIX_SPAWN_SETSCHEDULER |
		POSIX_SPAWN_USEVFORK | POSIX_SPAWN_SETSID |
		POSIX_SPAWN_SETCGROUP,
};

/* The kernel's set is the front of libc's. */
static void kernel_set(vs_sigset *to, const sigset_t *from)
{
	memcpy(to, from, sizeof(*to));
}

/* Whether the child's ids change when the effective ones are set back. */
static bool ids_differ(void)
{
	return vs_sys(SYS_getuid) != vs_sys(SYS_geteuid) ||
	       vs_sys(SYS_getgid) != vs_sys(SYS_getegid);
}

/* Looked up, because linking to it would require the newest glibc. */
static int get_cgroup(const posix_spawnattr_t *from, int *to)
{
	int (*get)(const posix_spawnattr_t *, int *);

	get = __extension__(__typeof__(get))
		vs_symbol("posix_spawnattr_getcgroup_np");
	return get ? get(from, to) : ENOSYS;
}

static void read_signals(struct vs_attr *to, const posix_spawnattr_t *from)
{
	sigset_t set;

	if (to->flags & POSIX_SPAWN_SETSIGDEF) {
		posix_spawnattr_getsigdefault(from, &set);
		kernel_set(&to->defaults, &set);
	}
	if (to->flags & POSIX_SPAWN_SETSIGMASK) {
		posix_spawnattr_getsigmask(from, &set);
		kernel_set(&to->mask, &set);
		/* glibc's own; its sigprocmask never blocks them */
		vs_sigset_remove(&to->mask, 32);
		vs_sigset_remove(&to->mask, 33);
	}
}

enum vs_why_native vs_attr_read(struct vs_attr *to,
				const posix_spawnattr_t *from)
{
	short flags = 0;

	if (from)
		posix_spawnattr_getflags(from, &flags);
	to->flags = flags;
	to->ignore_own = vs_libc_ignores_own();
	if (vs_likely(!flags))
		return VS_WHY_NONE;
	if (flags & ~KNOWN)
		return VS_WHY_UNKNOWN_FLAGS;
	/* Dumpable belongs to the memory: a child that shares it and changes
	 * its ids makes the parent undumpable. So does glibc's child; leaving
	 * the call to it keeps everything as it is without us. */
	if (flags & POSIX_SPAWN_RESETIDS && ids_differ())
		return VS_WHY_RESET_IDS;
	if (flags & POSIX_SPAWN_SETCGROUP && get_cgroup(from, &to->cgroup))
		return VS_WHY_UNKNOWN_FLAGS;
	if (flags & POSIX_SPAWN_SETPGROUP)
		posix_spawnattr_getpgroup(from, &to->pgroup);
	if (flags & POSIX_SPAWN_SETSCHEDULER)
		posix_spawnattr_getschedpolicy(from, &to->policy);
	if (flags & (POSIX_SPAWN_SETSCHEDULER | POSIX_SPAWN_SETSCHEDPARAM))
		posix_spawnattr_getschedparam(from, &to->param);
	read_signals(to, from);
	return VS_WHY_NONE;
}
