/* SPDX-License-Identifier: MIT
 *
 * Which kind of child this process is. Neither flag is set in a parent, nor in
 * the child of a native fork.
 */
#ifndef VS_CHILD_KIND_H
#define VS_CHILD_KIND_H

#include <stdbool.h>

#include "base/compiler.h"

/* The child of a transactional fork, until it execs: each of its system calls
 * has to go through vs_child_syscall(). The parent's memory has it false. */
extern bool vs_speculative;

/* The child of a memory-sharing fork, until it execs or becomes a true child:
 * its record in the share engine. It runs with the thread pointer of the
 * thread that forked, so this is set for both; but that thread sleeps. */
struct vs_share;
extern VS_THREAD struct vs_share *vs_sharing;

/* There may be such children in this process. */
extern bool vs_may_share;

/* This is such a child. Without reading thread-local data where nothing is ever
 * shared: a child may have a thread pointer of its own, and none there. */
static inline bool vs_is_sharing(void)
{
	return vs_unlikely(vs_may_share) && vs_sharing;
}

/* Either of the two: not a process of its own yet. */
static inline bool vs_provisional(void)
{
	return vs_unlikely(vs_speculative) || vs_is_sharing();
}

#endif
