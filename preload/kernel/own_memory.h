/* SPDX-License-Identifier: MIT
 *
 * Whose memory this is. A child by vfork() or clone(), which we are not told
 * of, has it too, or a copy of it, with what is noted there of another process.
 */
#ifndef VS_OWN_MEMORY_H
#define VS_OWN_MEMORY_H

#include <stdbool.h>

/* At load and in the child of a native fork, not at first use: a child by
 * vfork() could come first. */
void vs_memory_taken(void);

/* Whether that is the calling process; true before we were loaded. */
bool vs_memory_is_own(void);

/* Whether it is another's memory of which the calling process has a copy, or
 * may have one: what another thread has held there nobody gives back. */
bool vs_memory_is_copied(void);

/* Whether another task has this memory, too, one that libc knows nothing of
 * included. One call, which changes nothing; a filter may refuse it: false. */
bool vs_memory_is_shared(void);

#endif
