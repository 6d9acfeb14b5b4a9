/* SPDX-License-Identifier: MIT
 * /proc/self/maps, read by raw system calls into the caller's memory. */
#ifndef VS_MAPS_H
#define VS_MAPS_H

#include <stdbool.h>
#include <stdint.h>

struct vs_map {
	uintptr_t lo, hi;
	char perms[4];	/* "rw-p" */
	bool anonymous; /* no file behind it */
	bool stack;	/* the main thread's */
};

struct vs_maps {
	int fd;
	unsigned at, end;
	char buf[4096];
};

/* 0 or -errno. */
int vs_maps_open(struct vs_maps *maps);

/* False at the end, or at what cannot be understood. */
bool vs_maps_next(struct vs_maps *maps, struct vs_map *map);
void vs_maps_close(struct vs_maps *maps);

/* A whole small file of /proc into `buf`, NUL-terminated. Its length, or
 * -errno. */
long vs_proc_read(const char *path, char *buf, unsigned size);

#endif
