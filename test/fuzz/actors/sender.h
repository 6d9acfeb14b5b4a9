/* SPDX-License-Identifier: MIT
 * Who sends signals, a thread or a process: what it is told to do. And what a
 * child does that they are sent to. */
#ifndef FUZZ_SENDER_H
#define FUZZ_SENDER_H

#include "scenes/scene.h"

struct order {
	int sig, then; /* `then`: after it, a pause later; or 0 */
	int times;     /* this often, with the values 0, 1, ... if `queued` */
	bool queued, first_listed;
	enum aim { AT_CHILD, AT_GROUP, AT_PROGRAM, AT_THREAD } aim;
	pid_t pid;	/* of a child; not if that is `first_listed` */
	unsigned delay; /* at most so many microseconds, before each */
	uint64_t seed;
};

/* A thread, or else a process. */
void start_sender(bool thread);
void tell_sender(const struct order *order);

/* Waits until all has been sent; how many could not be. */
int sender_failures(void);
void end_sender(void);

/* ---- plan.c ---- */

/* What the child does with it. */
enum plan_kind {
	DIES,	 /* by its default action, at once or when it is not blocked */
	QUEUES,	 /* blocked, until the image takes all there are */
	STOPS,	 /* and goes on */
	HANDLES, /* or dies in the image: once */
	NEVER_SEES, /* the program does */
	KINDS
};

enum witness { LISTED, SAID, IMAGE_SAID, RETURNED, WITNESSES };

struct plan {
	enum plan_kind kind;
	enum witness witness;
	struct order order;
	bool own_group, early, unblock; /* the child does */
	int told, tell, hear, talk;	/* pipes */
};

void make_plan(struct rng *r, struct plan *plan);

#endif
