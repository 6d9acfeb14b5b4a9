/* SPDX-License-Identifier: MIT
 * Threads that move memory, or fork as well. */
#ifndef FUZZ_MOVERS_H
#define FUZZ_MOVERS_H

#include "scenes/scene.h"

/* None, one or two. */
void start_movers(struct rng *r);

/* After the last round. */
void end_movers(void);

/* What they have left. */
unsigned broken_movers(void);

#endif
