/* SPDX-License-Identifier: MIT
 * The settings, VSPAWN_* in the environment, read once at load. Before that,
 * and under AT_SECURE, they are what their initial values say. */
#ifndef VS_CONFIG_H
#define VS_CONFIG_H

#include <stdbool.h>

enum vs_fork_mode { VS_FORK_AUTO, VS_FORK_NATIVE, VS_FORK_TXN, VS_FORK_SHARE };

/* What becomes of the library's name in LD_PRELOAD in a new image. */
enum vs_children { VS_CHILDREN_INHERIT, VS_CHILDREN_KEEP, VS_CHILDREN_DROP };

extern struct vs_config {
	bool off;		     /* VSPAWN=off */
	bool spawn;		     /* VSPAWN_SPAWN=on|off */
	enum vs_fork_mode fork_mode; /* VSPAWN_FORK */
	enum vs_children children;   /* VSPAWN_CHILDREN */
	const char *stats;	     /* VSPAWN_STATS: stderr, a file, or NULL */
	char program[64];	     /* its name, if there are to be stats */
} vs_config;

/* An unknown value gets one warning on stderr, and the default holds. */
void vs_config_read(char **envp);

/* The value in "NAME=value" if the variable is NAME, else NULL. */
const char *vs_value_of(const char *variable, const char *name);

#endif
