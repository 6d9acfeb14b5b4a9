/* SPDX-License-Identifier: MIT
 * Seccomp filters: what they are made of, and how they are installed. */
#ifndef FUZZ_BPF_H
#define FUZZ_BPF_H

#include "scenes/scene.h"

enum { MOST_CALLS = 60 };

struct filter {
	const char *name;
	unsigned others; /* what becomes of those that are not listed */
	unsigned listed; /* and of those that are */
	int calls[MOST_CALLS];
	int count;
};

/* Allows all; refuses some call; kills for some that nobody makes; allows only
 * what is needed. */
void make_filter(struct rng *r, struct filter *f);

/* Whether it kills: then little must be done. */
bool filter_kills(const struct filter *f);

/* What a program does it by: functions of libc, calls of its own, or now this,
 * now that. */
enum manner { BY_LIBC, BY_ITSELF, BY_BOTH, MANNERS };
extern enum manner manner;

/* By one of the ways; 0 or -errno. */
long install_filter(struct rng *r, const struct filter *f);

/* What programs try to find out what there is. */
void probe_seccomp(struct rng *r);

#endif
