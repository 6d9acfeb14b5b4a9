/* SPDX-License-Identifier: MIT
 *
 * What system() and popen() share: sh -c by the spawn engine. libc's own are
 * right where they spawn, too (glibc since 2.29, musl); ours are for where
 * they fork, and for an environment that VSPAWN_CHILDREN edits.
 */
#ifndef VS_SHELL_H
#define VS_SHELL_H

#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

#include "spawn/spawn.h"
#include "base/lock.h"
#include "base/vspawn.h"

/* Neither the pid nor -errno: the engine cannot be used here. */
#define VS_SHELL_NOT (-4096L)

/* Is system(), popen() to be ours? */
bool vs_shell_ours(void);

/* Does libc's fork? */
bool vs_shell_forks(void);

/* The pid, -errno, or VS_SHELL_NOT. Not a cancellation point. */
long vs_shell_spawn(const char *command, const struct vs_attr *attr,
		    const struct vs_action *actions, int used);

/* What else of libc's ours need: looked up at first use, or before a fork
 * (vs_libc_prepare()). The two for cleanup are NULL if nobody can cancel. */
struct vs_shell_libc {
	__typeof__(&waitpid) waitpid;
	__typeof__(&read) read;
	__typeof__(&write) write;
	__typeof__(&fclose) fclose;
	void *fopencookie; /* or NULL */
	void (*cleanup_push)(void *buffer, void (*)(void *), void *);
	void (*cleanup_pop)(void *buffer, int run);
};

const struct vs_shell_libc *vs_shell_libc(void);

/* In the child of a true fork. */
void vs_system_reset(void);
void vs_popen_reset(void);

#endif
