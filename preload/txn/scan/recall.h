/* SPDX-License-Identifier: MIT
 *
 * What the last scan of the map has found (parts.h), for as long as it holds.
 * The ranges are kept from one fork to the next; what is in them is looked up
 * each time (record/renew.h): here in a program of one thread, in others by the
 * child, because there no descriptor may be opened here that the other threads
 * would see, and a task aside takes several times as long. Raw system calls
 * only.
 */
#ifndef VS_RECALL_H
#define VS_RECALL_H

#include "base/range.h"
#include "txn/record/windows.h"

/* Pieces that are left in the copy, at most. */
enum { VS_RECALL_WINDOWS = 24 };

/* What a scan depends on, but for the map. */
struct vs_terms {
	bool serves;	    /* the child has no descriptor of this memory */
	bool shared_too;    /* shared mappings are left out */
	uint64_t threads;   /* so many there are */
	uint64_t anonymous; /* bytes in memory */
	unsigned marks;	    /* of the program: vs_app_marks_changes() */
	unsigned windows;   /* what the site's children need: */
	struct vs_range window[VS_RECALL_WINDOWS];
};

/* Whether the list is as good as a new one for `terms`, and meets none of the
 * `kept` ranges of `keep`. Then that of shared mappings (map/shared.h) is
 * right, too, or the child makes it so (vs_txn.renew). */
bool vs_recall(const struct vs_terms *terms, const struct vs_range *keep,
	       int kept);

/* It has just been made, for these, from so many mappings; 0: it is not to be
 * used again, because there are files in it, of which nobody could tell later
 * which ones. */
void vs_recall_note(const struct vs_terms *terms, unsigned mappings);

#endif
