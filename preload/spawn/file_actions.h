/* SPDX-License-Identifier: MIT
 *
 * posix_spawn_file_actions_t is opaque, so what is in it is ours. The list is
 * laid out as glibc's own has been since 2.29 (closefrom came with 2.34,
 * tcsetpgrp with 2.35), so that an object of ours is understood by a libc
 * function that it reaches behind our back: by way of dlsym on libc's handle,
 * or of one that is newer than we are.
 */
#ifndef VS_ACTIONS_H
#define VS_ACTIONS_H

#include <spawn.h>
#include <stdint.h>
#include <sys/types.h>

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

struct vs_actions {
	int room, used;
	struct vs_action *list;
	uint32_t pad[12];
	uint32_t magic[4]; /* made by us, not by another libc's init */
};

/* NULL if `object` was not initialised by us. */
struct vs_actions *vs_actions(const posix_spawn_file_actions_t *object);

/* The same list in an object of the real libc, which the caller destroys with
 * the real function. Returns 0 or an errno. */
int vs_actions_translate(posix_spawn_file_actions_t *to,
			 const struct vs_actions *from);

#endif
