/* SPDX-License-Identifier: MIT
 * Several children at once: between how they begin, end, are awaited. */
#ifndef FUZZ_CROWD_H
#define FUZZ_CROWD_H

#include "fuzz.h"

enum { MOST = 6 };

struct member {
	pid_t pid;
	int tell, hear; /* pipes */
	bool ended;
};

struct crowd {
	struct member member[MOST];
	int count;
};

extern struct crowd crowd;

/* Another one; false: it could not be made. */
bool begin_member(struct rng *r);

/* Told to go on, or to end. False: it does not answer any more. */
bool tell_member(const struct member *m, char what);

/* ---- wait.c ---- */

/* For the log. */
const char *which(int pid);
void say_info(const siginfo_t *info);

void wait_by_pid(struct rng *r, int pid, int options);
/* For any of them, in any way; not longer than this. */
void wait_at_once(struct rng *r);

#endif
