/* SPDX-License-Identifier: MIT
 * What this process is, as far as the entry points ask. */
#ifndef VS_ELIGIBLE_H
#define VS_ELIGIBLE_H

#include <stdbool.h>
#include <stdint.h>

#include "stats/stats.h"

/* Whether a transaction could be tried in this process and thread, pays or not:
 * VS_WHY_NONE, or why not. */
enum vs_why_native vs_txn_eligible(void);

/* Whether the process has more resident anonymous memory than that, as of a few
 * milliseconds ago. */
bool vs_txn_above(uint64_t bytes);

/* Whether the program has a filter of its own that it was seen to load: it may
 * kill for a system call that the program itself never makes. */
bool vs_txn_own_filter(void);

#endif
