/* SPDX-License-Identifier: MIT
 * How things are called, for people. */
#ifndef VS_NAMES_H
#define VS_NAMES_H

#include "stats/stats.h"

const char *vs_entry_name(enum vs_entry entry);

/* "?" if this CPU has no such call. */
const char *vs_syscall_name(long nr);

/* Reasons, in words: the texts of reason.def. */
const char *vs_native_text(enum vs_why_native why);
const char *vs_undone_text(enum vs_why_undone why);

#endif
