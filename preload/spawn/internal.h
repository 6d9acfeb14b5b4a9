/* SPDX-License-Identifier: MIT
 * The child of a spawn, between the files it is made of. It shares memory with
 * its parent: raw system calls, and nothing of libc. */
#ifndef VS_SPAWN_INTERNAL_H
#define VS_SPAWN_INTERNAL_H

#include "spawn/spawn.h"

/* The parent: the child's whole life; `arg` is the struct vs_spawn. */
void vs_spawn_child(void *arg);

/* One file action. Less than 0 is the -errno of what failed. */
long vs_spawn_action(const struct vs_spawn *s, const struct vs_action *a);

/* posix_spawnp()'s search. Returns the -errno with which exec failed. */
long vs_path_exec(const struct vs_spawn *s);

#endif
