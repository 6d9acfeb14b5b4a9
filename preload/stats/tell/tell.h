/* SPDX-License-Identifier: MIT
 * What is said of single calls of fork(), by vs_log(), in the parent. */
#ifndef VS_TELL_H
#define VS_TELL_H

#include <stdbool.h>

#include "stats/stats.h"

/* What is at `caller`: its MODULE+0xOFFSET, as a rule has it, and the function,
 * if it is known and wanted. */
struct vs_line;
void vs_tell_site(struct vs_line *to, uintptr_t caller, bool function);

/* A reason, with the system call that it is about; and that by its number. */
void vs_tell_undone_why(struct vs_line *to, const struct vs_verdict *verdict);
void vs_tell_call(struct vs_line *to, long nr);

/* A native fork of a process that is larger than wanted, or one refused; to
 * stderr if VSPAWN_LOG does not say where. `caller` is the call site. */
void vs_tell_native(enum vs_entry entry, uintptr_t caller,
		    const struct vs_verdict *verdict);

/* A transaction was rolled back: said once for a site, if VSPAWN_LOG is set. */
void vs_tell_undone(enum vs_entry entry, uintptr_t caller,
		    const struct vs_verdict *verdict);

#endif
