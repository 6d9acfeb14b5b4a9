/* SPDX-License-Identifier: MIT
 *
 * Where memory grows, its last page is left in the copy. What another thread
 * maps beside a marked mapping cannot become a part of that, nor can it later,
 * once both have pages: the kernel has given each an anon_vma of its own by
 * then (anon_vma_compatible() in mm/vma.c), and there would be a mapping more
 * for ever, which every fork pays for. Beside a page that is not marked it is
 * as without us.
 */
#ifndef VS_GROWTH_H
#define VS_GROWTH_H

#include "kernel/proc/maps.h"

/* Before and after a scan: what the list of lazy ranges was, and which of its
 * ends have moved outwards since. */
void vs_growth_before(void);
void vs_growth_after(struct vs_maps *maps);

#endif
