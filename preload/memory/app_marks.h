/* SPDX-License-Identifier: MIT
 *
 * What the application itself has marked MADV_DONTFORK (RDMA libraries, V8's
 * heap) or MADV_WIPEONFORK: the engines leave it as it is. Used by many threads
 * at once; each function blocks all signals while it holds the list, because a
 * handler may call madvise().
 */
#ifndef VS_APP_MARKS_H
#define VS_APP_MARKS_H

#include <stdbool.h>
#include <stdint.h>

#include "kernel/ksignal.h"
#include "base/range.h"

/* Memory may have both marks, each with its own end. */
enum vs_mark { VS_MARK_DONTFORK, VS_MARK_WIPEONFORK, VS_MARKS };

void vs_app_marks_add(enum vs_mark mark, uintptr_t lo, uintptr_t hi);

/* Whether anything there was marked. */
bool vs_app_marks_remove(enum vs_mark mark, uintptr_t lo, uintptr_t hi);

/* Whether anything in [lo, hi) is marked, in one way or the other. */
bool vs_app_marks_meet(uintptr_t lo, uintptr_t hi);

/* Around an mremap() of marked memory, so that the marks it carries along are
 * not taken for ours: the list is held meanwhile. Afterwards they are where the
 * memory is; `new` is NULL if it has not moved, and what `stays` is marked at
 * its old place, too. The mask is the thread's from before. */
void vs_app_marks_begin_move(vs_sigset *mask);
void vs_app_marks_end_move(const struct vs_range *old,
			   const struct vs_range *new, bool stays,
			   const vs_sigset *mask);

/* Whether the calling thread is between the two. */
bool vs_app_marks_held(void);

/* There was more than can be remembered. */
bool vs_app_marks_overflow(void);

/* In the child of a native fork. */
void vs_app_marks_reset(void);

#endif
