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

/* Not an empty range. */
void vs_app_marks_add(enum vs_mark mark, uintptr_t lo, uintptr_t hi);

/* Whether anything there was marked. */
bool vs_app_marks_remove(enum vs_mark mark, uintptr_t lo, uintptr_t hi);

/* Whether anything in [lo, hi) is marked, in one way or the other. */
bool vs_app_marks_meet(uintptr_t lo, uintptr_t hi);

/* Changes whenever the list does. */
unsigned vs_app_marks_changes(void);

/* The list is the calling thread's, and a task's aside of it, until it gives
 * it back. The mask is the thread's from before. */
void vs_app_marks_hold(vs_sigset *mask);
void vs_app_marks_release(const vs_sigset *mask);

/* Whether it is. */
bool vs_app_marks_held(void);

/* An mremap() has moved memory, and its marks, which are not to be taken for
 * ours: the list has been held meanwhile. What `stays` is marked at its old
 * place, too. */
void vs_app_marks_move(const struct vs_range *old, const struct vs_range *new,
		       bool stays);

/* There was more than can be remembered. */
bool vs_app_marks_overflow(void);

/* In the child of a native fork. */
void vs_app_marks_reset(void);

#endif
