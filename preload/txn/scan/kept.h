/* SPDX-License-Identifier: MIT
 *
 * What has to be in the child's copy, wherever it lies: what the child runs on
 * before it can handle a fault. And what it is known to need
 * (record/windows.h).
 */
#ifndef VS_KEPT_H
#define VS_KEPT_H

#include "txn/scan/recall.h"

/* The calling thread's stack, its libc data, our image, rseq, shadow stack. */
enum { VS_KEPT = 5 };

/* Page aligned; `stack` is where the frames of this call are. */
void vs_kept_set(struct vs_range keep[VS_KEPT], const struct vs_range *stack);

/* Adds to the list of parts (map/parts.h) what is not in `keep`, nor in the
 * windows of `terms`. */
void vs_kept_add_around(const struct vs_range keep[VS_KEPT],
			const struct vs_terms *terms, const struct vs_range *at,
			unsigned flags);

#endif
