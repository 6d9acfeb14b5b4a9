/* SPDX-License-Identifier: MIT
 *
 * What /proc/self/pagemap says of single pages, for a walk over the mappings
 * (maps.h).
 */
#include <fcntl.h>
#include <stddef.h>
#include <sys/ioctl.h>

#include "kernel/proc/internal.h"
#include "kernel/sys.h"

enum { NOT_OPENED = -1, REFUSED = -2 };

/* Once in a walk. */
static int opened(struct vs_maps *maps)
{
	long fd;

	if (maps->pagemap != NOT_OPENED)
		return maps->pagemap;
	fd = vs_sys(SYS_openat, AT_FDCWD, "/proc/self/pagemap",
		    O_RDONLY | O_CLOEXEC);
	maps->pagemap = fd < 0 ? REFUSED : (int)fd;
	return maps->pagemap;
}

bool vs_maps_guards(struct vs_maps *maps, uintptr_t addr)
{
	enum { GUARD_REGION = 58 }; /* the bit, Linux 6.15 */
	uint64_t page = 0;

	if (!maps->can_query)
		return false;
	vs_sys(SYS_pread64, opened(maps), &page, sizeof(page),
	       addr / VS_PAGE * sizeof(page));
	return page >> GUARD_REGION & 1;
}

/* struct page_region and struct pm_scan_arg of linux/fs.h, since Linux 6.7 */
struct region {
	uint64_t start, end, categories;
};

struct scan {
	uint64_t size, flags, start, end, walk_end, vec, vec_len, max_pages;
	uint64_t inverted, mask, any_of, returned;
};
_Static_assert(sizeof(struct scan) == 96, "as the kernel has it");

#define PAGEMAP_SCAN _IOWR('f', 16, struct scan)

/* Of most CPUs with pages of 4 KiB; where huge ones are smaller somewhat more
 * is copied. */
enum { HUGE = 2 << 20 };

uintptr_t vs_maps_page_size(struct vs_maps *maps, uintptr_t addr)
{
	enum { IS_HUGE = 1 << 6 };
	struct region region;
	struct scan scan = {.size = sizeof(scan),
			    .start = vs_page_down(addr),
			    .end = vs_page_down(addr) + VS_PAGE,
			    .vec = (uintptr_t)&region,
			    .vec_len = 1,
			    .mask = IS_HUGE,
			    .returned = IS_HUGE};

	return vs_sys(SYS_ioctl, opened(maps), PAGEMAP_SCAN, &scan) == 1
		       ? HUGE
		       : VS_PAGE;
}
