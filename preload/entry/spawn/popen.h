/* SPDX-License-Identifier: MIT
 * The streams of our popen(). */
#ifndef VS_POPEN_H
#define VS_POPEN_H

#include <stdbool.h>
#include <stdio.h>

/* musl's own popen() spawns, and its streams are not to be had otherwise. */
#ifdef __GLIBC__
enum { VS_POPEN_OURS = true };
#else
enum { VS_POPEN_OURS = false };
#endif

/* A stream on our end of `pipe`, which it takes over, and sh -c `command` at
 * the other. NULL and errno if that fails; sets *here to false, with nothing
 * done, if it is for libc's popen() to do. */
FILE *vs_popen_start(const char *command, const int pipe[2], bool reads,
		     bool *here);

#endif
