/* SPDX-License-Identifier: MIT
 *
 * What a call site's children are known to need, and lies close together, is
 * left in the copy that the kernel makes: it copies page tables there, and no
 * memory. Interpreters have what they run with at the beginning of their heaps.
 */
#ifndef VS_WINDOWS_H
#define VS_WINDOWS_H

#include "base/range.h"
#include "txn/record/site.h"

/* Writes the windows of a site to `to`, ascending and apart, `room` of them at
 * most, and returns how many. What is there need not be memory any more. Where
 * there are other threads, what stands alone may be one. */
unsigned vs_site_windows(const struct vs_site *site, struct vs_range *to,
			 unsigned room, bool threads);

#endif
