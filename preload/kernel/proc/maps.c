/* SPDX-License-Identifier: MIT
 *
 * The mappings of this process, from /proc/self/maps: by the ioctl
 * PROCMAP_QUERY (Linux 6.11), which passes over those that are not writable in
 * the kernel, or by reading the text, which takes half as long for each, and
 * gives the name.
 */
#include "kernel/proc/maps.h"

#include <errno.h>
#include <fcntl.h>
#include <stddef.h>
#include <sys/ioctl.h>

#include "base/image.h"
#include "kernel/proc/internal.h"
#include "kernel/sigmask.h"
#include "kernel/sys.h"

/* Size by which a thread's stack is known: glibc's default is 8 MiB, programs
 * ask for more. */
enum { STACK_MAX = 1 << 26 };

/* struct procmap_query of linux/fs.h, since Linux 6.11 */
struct query {
	uint64_t size, flags, addr;
	uint64_t start, end, vma_flags, page_size, offset, inode;
	uint32_t dev_major, dev_minor, name_size, build_id_size;
	uint64_t name_addr, build_id_addr;
};
_Static_assert(sizeof(struct query) == 104, "as the kernel has it");

#define PROCMAP_QUERY _IOWR('f', 17, struct query)

/* PROCMAP_QUERY_*: what is asked for, and in vma_flags what is answered. */
enum { READABLE = 1, WRITABLE = 2, EXECUTABLE = 4, SHARED = 8, OR_NEXT = 16 };

/* 0 or -errno; -ENOENT: there is no such mapping. */
static long query(const struct vs_maps *maps, struct query *q, uintptr_t addr,
		  unsigned flags)
{
	*q = (struct query){.size = sizeof(*q), .flags = flags, .addr = addr};
	return vs_sys(SYS_ioctl, maps->fd, PROCMAP_QUERY, q);
}

static bool find(const struct vs_maps *maps, uintptr_t addr, unsigned flags,
		 struct vs_map *map)
{
	struct query q;

	if (query(maps, &q, addr, flags))
		return false;
	map->at.lo = q.start;
	map->at.hi = q.end;
	map->readable = q.vma_flags & READABLE;
	map->writable = q.vma_flags & WRITABLE;
	map->executable = q.vma_flags & EXECUTABLE;
	map->shared = q.vma_flags & SHARED;
	map->anonymous = !q.inode && !q.dev_major && !q.dev_minor;
	map->special = !map->anonymous;
	map->shmem = false;
	return true;
}

static bool find_next(struct vs_maps *maps, unsigned flags, struct vs_map *map)
{
	if (!find(maps, maps->next, OR_NEXT | flags, map))
		return false;
	maps->next = map->at.hi;
	return true;
}

bool vs_maps_from(const struct vs_maps *maps, uintptr_t addr,
		  struct vs_map *map)
{
	return find(maps, addr, OR_NEXT, map);
}

bool vs_maps_next_shared(struct vs_maps *maps, struct vs_map *map)
{
	struct vs_range image = vs_image();

	if (!find_next(maps, SHARED | WRITABLE, map))
		return false;
	if (!vs_range_has(&image, map->at.lo))
		return true;
	maps->next = image.hi;
	return find_next(maps, SHARED | WRITABLE, map);
}

/* ---- either ---- */

static int open_map(struct vs_maps *maps, const char *path)
{
	struct query q;

	maps->fd =
		(int)vs_sys(SYS_openat, AT_FDCWD, path, O_RDONLY | O_CLOEXEC);
	if (maps->fd < 0)
		return maps->fd;
	maps->pagemap = -1;
	maps->next = 0;
	maps->can_query = query(maps, &q, 0, OR_NEXT) == 0;
	return 0;
}

int vs_maps_open_at(struct vs_maps *maps, const char *path)
{
	int r = open_map(maps, path);

	if (r || maps->can_query)
		return r;
	vs_maps_close(maps);
	return -ENOSYS;
}

int vs_maps_open(struct vs_maps *maps, char text[VS_MAPS_TEXT], bool all)
{
	int r = open_map(maps, "/proc/self/maps");

	if (r)
		return r;
	maps->all = all;
	maps->query = maps->can_query && !all;
	maps->failed = false;
	maps->done = 0;
	maps->guard = maps->before = 0;
	maps->at = maps->end = maps->text = text;
	return 0;
}

static bool next_of_either(struct vs_maps *maps, struct vs_map *map)
{
	return maps->query ? find_next(maps, WRITABLE, map)
			   : vs_maps_next_by_text(maps, map);
}

bool vs_maps_next(struct vs_maps *maps, struct vs_map *map)
{
	/* Another thread may have made the last one longer meanwhile, which is
	 * found again then: what is new of it counts. */
	do {
		if (!next_of_either(maps, map))
			return false;
	} while (map->at.hi <= maps->done);
	if (map->at.lo < maps->done)
		map->at.lo = maps->done;
	maps->done = map->at.hi;
	return true;
}

/* A stack has below it a small mapping that cannot be touched. */
static bool after_guard(const struct vs_maps *maps, const struct vs_map *map)
{
	struct query q;

	if (map->at.hi - map->at.lo > STACK_MAX)
		return false;
	if (!maps->query)
		return maps->before == map->at.lo;
	return !query(maps, &q, map->at.lo - 1, 0) &&
	       !(q.vma_flags & (READABLE | WRITABLE | EXECUTABLE)) &&
	       q.end - q.start <= VS_GUARD_MAX;
}

/* Behind a guard that is a mapping, or with one at its lower end that is a
 * region of it: the stacks of several threads are one mapping then. */
bool vs_maps_stack(struct vs_maps *maps, const struct vs_map *map,
		   enum vs_guards guards)
{
	if (guards == VS_GUARDS_READ && !vs_readable(map->at.lo))
		return true;
	return after_guard(maps, map) || (guards == VS_GUARDS_PAGEMAP &&
					  vs_maps_guards(maps, map->at.lo));
}

bool vs_maps_usual_pages(const struct vs_maps *maps, uintptr_t addr)
{
	struct query q;

	return maps->can_query && !query(maps, &q, addr, 0) &&
	       q.page_size == VS_PAGE;
}

static bool shared_by_query(const struct vs_maps *maps, uintptr_t lo,
			    uintptr_t hi)
{
	struct query q;
	long r = query(maps, &q, lo, SHARED | OR_NEXT);

	return r ? r != -ENOENT : q.start < hi;
}

/* Not from `lo` on: the text has no index. */
static bool shared_by_text(struct vs_maps *maps, uintptr_t lo, uintptr_t hi)
{
	struct vs_map map;

	while (vs_maps_next_by_text(maps, &map)) {
		if (map.at.lo >= hi)
			return false;
		if (map.shared && map.at.hi > lo)
			return true;
	}
	return maps->failed;
}

bool vs_maps_shared(uintptr_t lo, uintptr_t hi)
{
	struct vs_maps maps;
	char text[VS_MAPS_TEXT];
	bool found;

	if (vs_maps_open(&maps, text, true) < 0)
		return true;
	found = maps.can_query ? shared_by_query(&maps, lo, hi)
			       : shared_by_text(&maps, lo, hi);
	vs_maps_close(&maps);
	return found;
}

void vs_maps_close(struct vs_maps *maps)
{
	vs_sys(SYS_close, maps->fd);
	if (maps->pagemap >= 0)
		vs_sys(SYS_close, maps->pagemap);
}
