/* SPDX-License-Identifier: MIT
 *
 * The mappings of this process, in ascending order. Raw system calls only, no
 * memory but what the caller brings. Between open and close there are one or
 * two descriptors in the process's table.
 */
#ifndef VS_PROC_MAPS_H
#define VS_PROC_MAPS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/range.h"

struct vs_map {
	struct vs_range at;
	bool readable, writable, executable, shared;
	bool anonymous; /* no file behind it */
	bool special;	/* a device's, or the kernel's own, or maybe so */
	bool shmem;	/* of no file on a disk, nor a device's; or unknown */
};

/* A walk under way. */
struct vs_maps {
	int fd;
	int pagemap;	      /* -1: not opened yet; -2: refused */
	bool all;	      /* those that are not writable, too */
	bool query;	      /* by ioctl; else the text is read */
	bool can_query;	      /* the kernel has that */
	uintptr_t next;	      /* query: where to go on */
	uintptr_t done;	      /* where the last one ended */
	bool failed;	      /* text: a read has, which looks like its end */
	uintptr_t guard;      /* text: end of a small PROT_NONE mapping, if */
	uintptr_t before;     /* it is the last one, or the one before */
	const char *at, *end; /* text: in `text` */
	char *text;
};

/* Room for a piece of the text. */
enum { VS_MAPS_TEXT = 4096 };

/* What is to come: the writable mappings, or `all`; of the former every file's
 * may be a device's. 0 or -errno. */
int vs_maps_open(struct vs_maps *maps, char text[VS_MAPS_TEXT], bool all);

/* The map at `path`, of which nothing is asked but by the next two functions.
 * -ENOSYS if the kernel cannot answer those (before Linux 6.11). */
int vs_maps_open_at(struct vs_maps *maps, const char *path);

/* The first mapping that ends above `addr`; and the next one that is shared and
 * writable, but for our own. False if there is none. Of `shmem` they say
 * nothing. */
bool vs_maps_from(const struct vs_maps *maps, uintptr_t addr,
		  struct vs_map *map);
bool vs_maps_next_shared(struct vs_maps *maps, struct vs_map *map);

/* The next one. False at the end, or if reading fails. */
bool vs_maps_next(struct vs_maps *maps, struct vs_map *map);

/* Whether `map`, just returned, looks like a thread's stack, or several. Where
 * libc makes the guard of a stack by MADV_GUARD_INSTALL, as glibc does since
 * 2.42, its first page is looked at: in pagemap, which not every process may
 * open, or by vs_readable(). */
enum vs_guards { VS_GUARDS_MAPPED, VS_GUARDS_PAGEMAP, VS_GUARDS_READ };

bool vs_maps_stack(struct vs_maps *maps, const struct vs_map *map,
		   enum vs_guards guards);

/* Whether the mapping at `addr` is of pages of the usual size; false also if
 * that is not known (before Linux 6.11). */
bool vs_maps_usual_pages(const struct vs_maps *maps, uintptr_t addr);

/* Of what is mapped at `addr`, by which it is aligned, too: VS_PAGE, or that of
 * a transparent huge page. Also the former if that is not known (before Linux
 * 6.7; where pagemap may not be opened). */
uintptr_t vs_maps_page_size(struct vs_maps *maps, uintptr_t addr);

void vs_maps_close(struct vs_maps *maps);

/* Whether [lo, hi) holds shared memory, writable or not. True also if that
 * cannot be found out. */
bool vs_maps_shared(uintptr_t lo, uintptr_t hi);

#endif
