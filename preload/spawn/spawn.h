/* SPDX-License-Identifier: MIT
 *
 * The spawn engine. The parent writes down all that a call asks for in a
 * struct vs_spawn, then sleeps in one clone3 until the child has exec'd. The
 * child shares the parent's memory and thread pointer: what it runs (child*.c,
 * path.c) is our own code and raw system calls, nothing of libc.
 */
#ifndef VS_CHILD_H
#define VS_CHILD_H

#include <sched.h>
#include <spawn.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "spawn/file_actions.h"
#include "base/ksignal.h"
#include "base/vspawn.h"

/* ---- attr.c: attributes, read through libc's public getters ---- */

/* Newer than the headers of many a libc. Only with clone3 (Linux 5.7). */
#ifndef POSIX_SPAWN_SETCGROUP
#	define POSIX_SPAWN_SETCGROUP 0x100
#endif

/* Only what `flags` names is filled in, and `ignore_own`. */
struct vs_attr {
	int flags;
	pid_t pgroup;
	int policy;
	struct sched_param param;
	int cgroup;
	bool ignore_own;    /* see vs_libc_ignores_own() */
	vs_sigset defaults; /* signals to reset */
	vs_sigset mask;
};

/* The child of libc's posix_spawn() ignores the signals that libc keeps for
 * itself, and what it runs finds them so. */
bool vs_libc_ignores_own(void);

/* `from` may be NULL. Returns why this call is one for the real function. */
enum vs_reason vs_attr_read(struct vs_attr *to, const posix_spawnattr_t *from);

/* ---- one call ---- */

struct vs_spawn {
	/* Written by the child, but for the last by the kernel. */
	int error;   /* errno of what failed, if anything */
	bool shared; /* it ran, and in this memory */
	int pidfd;

	const char *file;
	char *const *argv;
	char *const *envp;
	struct vs_attr attr;
	const struct vs_action *actions;
	int actions_used;
	bool want_pidfd;

	/* PATH of a posix_spawnp(); NULL if `file` is to be taken as it is.
	 * `buffer` has room for any of its elements and `file`. */
	const char *path;
	char *buffer;

	/* Room for what the old symbol version runs when the kernel does not
	 * know the format: /bin/sh, file, the arguments. NULL: ENOEXEC. */
	const char **shell_argv;

	bool has_handlers; /* the kernel has not reset the signal handlers */
	bool masked;	   /* all signals are blocked, ... */
	vs_sigset mask;	   /* ... and this is the mask to exec with */
};

/* ---- start.c ---- */

/* Makes the child and sleeps until it has exec'd or failed; one that failed
 * has been reaped. All signals but what `s` itself changes are as before.
 * Returns the pid or -errno. If s->error is 0 then, it is the clone that
 * failed; vs_clone_refused() tells whether the real function may do better. */
long vs_spawn_start(struct vs_spawn *s);
bool vs_clone_refused(long result);

/* A child was once found not to share memory (qemu-user, WSL1). */
extern _Atomic bool vs_not_shared;

/* ---- path.c ---- */

/* PATH of this process, or what an unset one stands for. */
const char *vs_path(void);

/* Bytes to build the name of `file` in any directory of `path`. */
size_t vs_path_room(const char *path, const char *file);

/* Child: returns the -errno with which exec failed. */
long vs_path_exec(const struct vs_spawn *s);

/* ---- child_actions.c ---- */

/* Child: less than 0 is the -errno of what failed. */
long vs_child_action(const struct vs_spawn *s, const struct vs_action *a);

/* ---- child.c ---- */

/* The whole life of the child; `arg` is the struct vs_spawn. */
void vs_spawn_child(void *arg);

#endif
