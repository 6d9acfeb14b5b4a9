/* SPDX-License-Identifier: MIT
 * See renew.h. Raw system calls only. */
#include "txn/map/renew.h"

#include <sys/mman.h>

#include "txn/map/parts.h"
#include "txn/map/shared.h"

unsigned vs_part_flags(const struct vs_map *map)
{
	unsigned what = map->anonymous ? 0U : VS_PART_FILE;

	return (map->readable ? PROT_READ : 0U) |
	       (map->writable ? PROT_WRITE : 0U) |
	       (map->executable ? PROT_EXEC : 0U) |
	       (map->shared ? VS_PART_SHARED : what);
}

static bool is_plain(const struct vs_map *map)
{
	return map->anonymous && !map->shared &&
	       map->at.hi - map->at.lo >= VS_LEAST_LAZY;
}

/* Between two mappings, and what cannot be touched anyway, is a part, too. The
 * former only where it came about just now: who finds the child's hole there
 * cannot have it, as brk() behind the heap. */
static bool renew_range(const struct vs_maps *maps, int i, bool strict)
{
	struct vs_range range = vs_lazy(i);
	uintptr_t at = range.lo;
	struct vs_map map;
	unsigned flags;

	while (at < range.hi) {
		if (!vs_maps_from(maps, at, &map) || map.at.lo >= range.hi)
			return !strict && vs_parts_renew(i, at, 0);
		if (map.at.lo > at && (strict || !vs_parts_renew(i, at, 0)))
			return false;
		at = map.at.lo > at ? map.at.lo : at;
		flags = vs_part_flags(&map);
		if (flags & VS_PART_PROT && !is_plain(&map)) {
			if (strict)
				return false;
			flags = 0;
		}
		if (!vs_parts_renew(i, at, flags & VS_PART_PROT))
			return false;
		at = map.at.hi;
	}
	return true;
}

bool vs_renew_parts(const struct vs_maps *maps, bool strict)
{
	for (int i = 0; i < vs_lazy_count(); i++) {
		if (!renew_range(maps, i, strict))
			return false;
	}
	return true;
}

/* What has come to be in a lazy range is not in the child, whose hole must not
 * be made readable: that finds out what it really has. */
void vs_renew_shared(struct vs_maps *maps)
{
	struct vs_map map;

	vs_shared_none();
	while (vs_maps_next_shared(maps, &map)) {
		if (vs_lazy_meets(map.at.lo, map.at.hi - map.at.lo))
			vs_shared_more();
		else
			vs_shared_note(&map.at);
	}
}
