/* SPDX-License-Identifier: MIT
 *
 * Pieces that are left in the copy hold huge pages whole, or not at all: where
 * the mark ends within one the kernel splits it (vma_adjust_trans_huge() in
 * mm/huge_memory.c), and the program has small pages there until khugepaged
 * comes by, if it does.
 */
#ifndef VS_WHOLE_H
#define VS_WHOLE_H

#include "kernel/proc/maps.h"
#include "txn/scan/recall.h"

/* Makes the windows of `terms` larger where they would split one. */
void vs_whole_windows(struct vs_maps *maps, struct vs_terms *terms);

#endif
