/* SPDX-License-Identifier: MIT
 * Threads with namespaces of their own, and their children. */
#ifndef FUZZ_SPACES_H
#define FUZZ_SPACES_H

#include "scenes/scene.h"

enum { SPACES = 6, STEPS = 12 };

extern const struct space {
	const char *name;
	int flag;
} spaces[SPACES];

/* As the program has them. */
extern int descriptors[SPACES];
void remember_spaces(void);

/* Where this process is: a bit for each that is not the program's, and more. */
enum { IS_FIRST = 64, OWN_THINGS = 128 };
int where(void);

/* What a child does that tells by its status. */
void tell_where(struct rng *r);

/* ---- travel.c ---- */

/* A thread, and what it has done. */
struct traveller {
	pthread_t thread;
	struct rng r;
	int stays; /* the other end of what an init waits for */
	pid_t init;
	int steps;
	struct {
		const char *what;
		long done;
	} step[STEPS];
};

void *travel(void *traveller);

#endif
