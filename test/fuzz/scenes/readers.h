/* SPDX-License-Identifier: MIT
 * What /proc says of a process and a thread, but for what changes by itself. */
#ifndef FUZZ_READERS_H
#define FUZZ_READERS_H

#include "scenes/scene.h"

enum { VIEWS = 21, VIEW_SIZE = 6000 };

extern const char *const views[VIEWS];

/* In words that are the same for the same state; its length. */
size_t view(int i, char *room);

#endif
