/* SPDX-License-Identifier: MIT
 *
 * VSPAWN_CHILDREN: what becomes of our own name in LD_PRELOAD in the
 * environment of a new image.
 */
#ifndef VS_ENV_H
#define VS_ENV_H

#include <alloca.h>
#include <stddef.h>

#include "base/vspawn.h"

/* Before a fork: finds our name out. */
void vs_env_prepare(void);

/* Bytes that vs_env_edit() needs; 0 if `envp` may stay as it is. */
size_t vs_env_room(char *const *envp);

/* An edited copy in `room`, which must live until the exec; what need not
 * change is shared with `envp`. */
char *const *vs_env_edit(char *const *envp, void *room);

/* The environment for the new image, in the frame of the function that uses
 * this: no malloc, and nothing that a child sharing memory leaves behind. */
#define VS_ENV(envp)                                             \
	__extension__({                                          \
		char *const *env_ = (envp);                      \
		size_t room_ = 0;                                \
                                                                 \
		if (vs_unlikely(vs_config.children))             \
			room_ = vs_env_room(env_);               \
		room_ ? vs_env_edit(env_, alloca(room_)) : env_; \
	})

#endif
