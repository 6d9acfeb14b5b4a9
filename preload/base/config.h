/* SPDX-License-Identifier: MIT
 * The settings, VSPAWN_* in the environment, read once at load. Before that,
 * and under AT_SECURE, they are what their initial values say. */
#ifndef VS_CONFIG_H
#define VS_CONFIG_H

#include <stdbool.h>
#include <stdint.h>

enum vs_fork_mode { VS_FORK_AUTO, VS_FORK_NATIVE, VS_FORK_TXN, VS_FORK_SHARE };

/* What becomes of the library's name in LD_PRELOAD in a new image. */
enum vs_children { VS_CHILDREN_INHERIT, VS_CHILDREN_KEEP, VS_CHILDREN_DROP };

/* What becomes of a native fork of a process with more than so much memory. */
enum vs_strict { VS_STRICT_OFF, VS_STRICT_LOG, VS_STRICT_FAIL };

struct vs_strictness {
	enum vs_strict how;
	uint64_t bytes; /* of resident anonymous memory */
};

extern struct vs_config {
	bool read;		     /* they have been, and are to be heeded */
	bool off;		     /* VSPAWN=off */
	bool spawn;		     /* VSPAWN_SPAWN=on|off */
	enum vs_fork_mode fork_mode; /* VSPAWN_FORK */
	bool fork_given;	     /* and it was set */
	struct vs_strictness strict; /* VSPAWN_STRICT */
	enum vs_children children;   /* VSPAWN_CHILDREN */
	const char *stats;	     /* VSPAWN_STATS: stderr, a file, or NULL */
	const char *rules;  /* VSPAWN_RULES: a file; "": none; or NULL */
	const char *log;    /* VSPAWN_LOG: stderr, a file, or NULL */
	const char *audit;  /* VSPAWN_AUDIT: the same */
	char program[64];   /* its name, if anything is to be said */
	char argument[256]; /* the first that is no option, or "" */
} vs_config;

/* An unknown value gets one warning on stderr, and the default holds. */
void vs_config_read(char **envp);

/* Takes the first argument of the program that is no option. */
void vs_config_arguments(char **argv);

/* The same for one strictness: "off", "log:SIZE", "fail:SIZE"; SIZE is a number
 * with K, M, G or T. False if it is none. */
bool vs_strict_parse(const char *text, struct vs_strictness *to);

/* The value in "NAME=value" if the variable is NAME, else NULL. */
const char *vs_value_of(const char *variable, const char *name);

#endif
