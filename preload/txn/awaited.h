/* SPDX-License-Identifier: MIT
 * A speculative child under way, as its parent waits for it (await.c) and
 * watches it meanwhile (watch.c). Nobody else includes this. */
#ifndef VS_AWAITED_H
#define VS_AWAITED_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/resource.h>

#include "kernel/sys.h"

/* Milliseconds between looks: whether it has been stopped, or has registered
 * nothing. */
enum { VS_LOOK_MS = 10 };

struct vs_awaited {
	long pid;
	uint64_t began;	  /* ns */
	uint64_t told;	  /* to leave, since; 0: not */
	uint64_t stopped; /* since; 0: it is not */
	unsigned alive;	  /* the word while it lives and asks for nothing */
	unsigned waited;  /* ms until it was looked what it waits for */
	bool replaced;	  /* for having been stopped */
	bool killed;	  /* by us */
	bool held;	  /* undone, and waits to be told to end */
	int status;
	struct rusage usage;
};

static inline unsigned vs_ms_since(uint64_t then)
{
	return (unsigned)((vs_now_ns() - then) / 1000000);
}

/* Whether somebody has stopped it: for long, and another takes its place. */
void vs_look_whether_stopped(struct vs_awaited *child);

/* It has not ended, and its time may be over: then it is told to leave, or is
 * killed. */
void vs_look_at_clock(struct vs_awaited *child);

/* Microseconds to sleep until the next look. */
unsigned vs_watch_nap_us(const struct vs_awaited *child);

#endif
