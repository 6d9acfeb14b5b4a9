/* SPDX-License-Identifier: MIT
 *
 * Reading the files that VSPAWN_LIVE makes: of a process that runs, or has been
 * killed. What is in them somebody else has written, and goes on writing: each
 * is copied, and every string of the copy has an end. live.c and find.c are all
 * that is needed for this.
 */
#ifndef LIVE_H
#define LIVE_H

#include <limits.h>
#include <stdbool.h>
#include <sys/types.h>

#include "stats/report/layout.h"

struct live_file {
	char path[PATH_MAX];
	uid_t owner;
	bool running; /* the process that has made it, as the same program */
	double age;   /* seconds since then */
	struct vs_live data;
};

/* NULL, or what is wrong with it, in words. */
const char *live_read(struct live_file *to, const char *path);

/* Whether the process is in it: it has made the file, or was forked by who has,
 * and has counted. */
bool live_has(const struct live_file *file, pid_t pid);

/* The file of `pid`, in `folder`, or if that is NULL wherever it may be. NULL,
 * or why there is none. */
const char *live_find(struct live_file *to, pid_t pid, const char *folder);

/* Calls `each` for every file in `folder`, or if that is NULL in those that are
 * usual. Returns how many there were. */
int live_each(const char *folder,
	      void (*each)(const struct live_file *file, void *arg), void *arg);

#endif
