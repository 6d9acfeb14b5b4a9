/* SPDX-License-Identifier: MIT
 * What is said of single calls of fork(), by vs_log(), in the parent. */
#ifndef VS_TELL_H
#define VS_TELL_H

#include "stats/stats.h"

/* A native fork of a process that is larger than wanted, or one refused; to
 * stderr if VSPAWN_LOG does not say where. `caller` is the call site. */
void vs_tell_native(enum vs_entry entry, uintptr_t caller,
		    const struct vs_verdict *verdict);

/* A transaction was rolled back: said once for a site, if VSPAWN_LOG is set. */
void vs_tell_undone(enum vs_entry entry, uintptr_t caller,
		    const struct vs_verdict *verdict);

#endif
