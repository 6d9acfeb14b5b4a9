/* SPDX-License-Identifier: MIT
 * What the application itself has marked MADV_DONTFORK or MADV_WIPEONFORK. */
#ifndef VS_MARKED_H
#define VS_MARKED_H

#include <stdbool.h>
#include <stdint.h>

#include "base/ksignal.h"

/* Memory may have both marks, each with its own end. */
enum vs_mark { VS_MARK_DONTFORK, VS_MARK_WIPEONFORK, VS_MARKS };

void vs_marked_add(enum vs_mark mark, uintptr_t lo, uintptr_t hi);
/* Whether anything was. */
bool vs_marked_remove(enum vs_mark mark, uintptr_t lo, uintptr_t hi);

/* Whether anything in [lo, hi) is, in one way or the other. */
bool vs_marked(uintptr_t lo, uintptr_t hi);

/* Clear a mark of ours on [lo, hi), if the application has none there. */
void vs_marked_clear_stray(uintptr_t lo, uintptr_t hi);

/* Around what moves marked memory, so that its marks are not taken for stray
 * ones; only vs_marked_moved() may be called meanwhile. What
 * `stays` keeps its marks where it was, too. */
void vs_marked_hold(vs_sigset *mask);
void vs_marked_moved(uintptr_t old, uintptr_t old_end, uintptr_t lo,
		     uintptr_t hi, bool stays);
void vs_marked_let_go(const vs_sigset *mask);

/* By this thread. */
bool vs_marked_held(void);

/* There was more than can be remembered. */
bool vs_marked_overflow(void);

/* In the child of a true fork. */
void vs_marked_reset(void);

/* watch.c: madvise(), munmap() or mremap() by way of syscall(). -1 and errno
 * on failure. */
long vs_watch_memory_call(long nr, const long args[6]);

#endif
