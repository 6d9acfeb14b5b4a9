/* SPDX-License-Identifier: MIT
 *
 * The spawn engine: posix_spawn() in one clone3(CLONE_VM|CLONE_VFORK). The
 * caller writes down all that a call asks for in a struct vs_spawn, then sleeps
 * until the child has exec'd. The child shares the caller's memory and thread
 * pointer: what it runs (child.c, child_actions.c, path.c) is our own code and
 * raw system calls, nothing of libc.
 */
#ifndef VS_SPAWN_H
#define VS_SPAWN_H

#include <sched.h>
#include <spawn.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/compiler.h"
#include "kernel/ksignal.h"
#include "stats/stats.h"

/* ---- file actions ---- */

enum vs_action_kind {
	VS_CLOSE,
	VS_DUP2,
	VS_OPEN,
	VS_CHDIR,
	VS_FCHDIR,
	VS_CLOSEFROM,
	VS_TCSETPGRP,
};

struct vs_action {
	enum vs_action_kind kind;
	union {
		int fd;
		struct {
			int from, to;
		} dup2;
		struct {
			int fd;
			char *path;
			int flags;
			mode_t mode;
		} open;
		char *path;
	};
};

/* posix_spawn_file_actions_t is opaque, so what is in it is ours. The list is
 * laid out as glibc's own has been since 2.29 (closefrom came with 2.34,
 * tcsetpgrp with 2.35), so that an object of ours is understood by a libc
 * function that it reaches behind our back: by way of dlsym on libc's handle,
 * or of one that is newer than we are. */
struct vs_file_actions {
	int room, used;
	struct vs_action *list;
	uint32_t pad[12];
	uint32_t magic[4]; /* made by us, not by another libc's init */
};

/* NULL if `object` was not initialised by us: by another libc's function (in a
 * plugin bound with RTLD_DEEPBIND), or merely filled with zeros. */
struct vs_file_actions *
vs_file_actions_of(const posix_spawn_file_actions_t *object);

void vs_file_actions_init(posix_spawn_file_actions_t *object);
void vs_file_actions_destroy(struct vs_file_actions *a);

/* Appends `what`, with a copy of the path in it. 0 or ENOMEM. */
int vs_file_actions_add(struct vs_file_actions *a, struct vs_action what);

/* ---- attributes ---- */

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
	bool ignore_own;    /* as vs_libc_ignores_own() says */
	vs_sigset defaults; /* signals to reset */
	vs_sigset mask;
};

/* Reads them through libc's public getters; `from` may be NULL. Returns why
 * this call is one for the real function, or VS_WHY_NONE. */
enum vs_why_native vs_attr_read(struct vs_attr *to,
				const posix_spawnattr_t *from);

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
	int *told;    /* where the id, or the descriptor, goes; or NULL */
	bool handled; /* handlers may run, and none may before that is there */

	/* PATH of a posix_spawnp(); NULL if `file` is to be taken as it is.
	 * `buffer` has room for any of its elements and a name. */
	const char *path;
	char *buffer;

	/* Room for what the old symbol version runs when the kernel does not
	 * know the format: /bin/sh, file, the arguments. NULL: ENOEXEC. */
	const char **shell_argv;

	bool has_handlers; /* the kernel has not reset the signal handlers */
	bool masked;	   /* all signals are blocked, ... */
	vs_sigset mask;	   /* ... and this is the mask to exec with */
};

/* Makes the child and sleeps until it has exec'd or failed; one that failed
 * has been reaped, of one that has not *s->told tells. All signals but what `s`
 * itself changes are as before.
 * Returns the pid or -errno. If s->error is 0 then, it is the clone that
 * failed; vs_clone_refused() tells whether the real function may do better. */
long vs_spawn_start(struct vs_spawn *s);
bool vs_clone_refused(long result);

/* Whether a child was once found not to share memory (qemu-user, WSL1): such a
 * one cannot report errors, and the engine is not to be used any more. */
bool vs_spawn_is_unshared(void);

/* Bytes to build the name of any file in any directory of `path`. The one that
 * is searched for only the child reads: it may point nowhere, and it is the
 * child that libc has die of that. */
size_t vs_path_room(const char *path);

#endif
