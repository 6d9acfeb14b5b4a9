/* SPDX-License-Identifier: MIT
 * See recall.h. */
#include "txn/scan/recall.h"

#include <stddef.h>

#include "base/compiler.h"
#include "kernel/point.h"
#include "libc/threads.h"
#include "txn/scan/scan.h"
#include "txn/map/parts.h"
#include "txn/map/renew.h"

static struct vs_terms then VS_BIG;
static unsigned seen; /* mappings; 0: nothing is noted */

/* To look up a part takes as long as two mappings of which most are read by one
 * system call; a task aside, as long as a hundred. */
static bool is_cheap(void)
{
	unsigned parts = vs_parts_count();

	return vs_single_threaded() ? parts * 2 < seen
				    : parts <= VS_RENEW_PARTS;
}

/* What has been mapped since is copied, so that there must not be much. */
static bool has_grown(uint64_t from, uint64_t to)
{
	enum { LITTLE = 4 << 20, PART = 16 };

	return to > from + LITTLE + from / PART;
}

/* How much of *window the list leaves out. */
static uintptr_t left_out(const struct vs_range *window)
{
	uintptr_t n = window->hi - window->lo;

	for (unsigned i = 0; i < then.windows; i++) {
		const struct vs_range *old = &then.window[i];
		uintptr_t lo = old->lo > window->lo ? old->lo : window->lo;
		uintptr_t hi = old->hi < window->hi ? old->hi : window->hi;

		n -= hi > lo ? hi - lo : 0;
	}
	return n;
}

/* What children need now and then changes all the time. More of it in the copy
 * does no harm until the next scan, and to bring in a few chunks takes the
 * child less time than that. */
static bool windows_do(const struct vs_terms *terms)
{
	enum { FEW = 4 * VS_CHUNK };
	uintptr_t n = 0;

	for (unsigned i = 0; i < terms->windows; i++)
		n += left_out(&terms->window[i]);
	return n <= FEW;
}

static bool same(const struct vs_terms *terms)
{
	return terms->serves == then.serves &&
	       terms->shared_too == then.shared_too &&
	       terms->threads == then.threads && terms->marks == then.marks &&
	       !has_grown(then.anonymous, terms->anonymous) &&
	       windows_do(terms);
}

static bool is_apart(const struct vs_range *keep, int kept)
{
	for (int i = 0; i < kept; i++) {
		if (vs_lazy_meets(keep[i].lo, keep[i].hi - keep[i].lo))
			return false;
	}
	return true;
}

/* By this thread, which is the only one. */
static bool renew_here(void)
{
	struct vs_maps maps;
	bool good;

	if (vs_maps_open_at(&maps, "/proc/self/maps"))
		return false;
	good = vs_renew_parts(&maps, true);
	if (good)
		vs_renew_shared(&maps);
	vs_maps_close(&maps);
	VS_POINT(renewed);
	return good;
}

bool vs_recall(const struct vs_terms *terms, const struct vs_range *keep,
	       int kept)
{
	if (!seen || !vs_lazy_count() || !is_cheap() || vs_txn.shared_lazy ||
	    !same(terms) || !is_apart(keep, kept))
		return false;
	if (vs_single_threaded())
		return renew_here();
	vs_txn.renew = vs_txn.maps_readable && !vs_txn.page->unchecked;
	return vs_txn.renew;
}

void vs_recall_note(const struct vs_terms *terms, unsigned mappings)
{
	then = *terms;
	seen = mappings;
}

void vs_recall_forget(void)
{
	seen = 0;
}
