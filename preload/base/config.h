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

/* What is reported of calls, as bits: VSPAWN_STATS, _LIVE, _TRACE. */
enum { VS_REPORT_SUMMARY = 1, VS_REPORT_LIVE = 2, VS_REPORT_TRACE = 4 };

enum vs_format { VS_FORMAT_TEXT, VS_FORMAT_LINE, VS_FORMAT_JSON };

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
	unsigned reports;	     /* what this process reports; 0: nothing */
	const char *stats;	     /* VSPAWN_STATS: stderr, a file, or NULL */
	const char *live;	     /* VSPAWN_LIVE: a folder, auto, or NULL */
	const char *trace;	     /* VSPAWN_TRACE: a file, or NULL */
	long stats_pid; /* VSPAWN_STATS_PID: tells of nothing, too; 0: none */
	enum vs_format stats_format; /* VSPAWN_STATS_FORMAT */
	int stats_signal;	     /* VSPAWN_STATS_SIGNAL; 0: none */
	long report_of; /* VSPAWN_REPORT: the one process that does; 0: each */
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
