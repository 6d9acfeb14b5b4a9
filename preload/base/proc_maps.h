/* SPDX-License-Identifier: MIT
 * The mappings of this process, by raw system calls only. */
#ifndef VS_MAPS_H
#define VS_MAPS_H

#include <stdbool.h>
#include <stdint.h>

struct vs_map {
	uintptr_t lo, hi;
	bool readable, executable, shared;
	bool anonymous; /* no file behind it */
};

struct vs_maps {
	int fd;
	int pagemap;	      /* -1: not opened yet */
	bool all;	      /* those that are not writable, too */
	bool query;	      /* by ioctl; else the text is read */
	uintptr_t next;	      /* query: where to go on */
	uintptr_t guard;      /* text: end of a small PROT_NONE mapping */
	const char *at, *end; /* text: in buf */
	char buf[4096];
};

/* 0 or -errno. What is to come: the writable ones, or `all`. */
int vs_maps_open(struct vs_maps *maps, bool all);

/* The next one, by ascending address. False at the end. */
bool vs_maps_next(struct vs_maps *maps, struct vs_map *map);

/* Whether `map`, just returned, looks like a thread's stack, or several. */
bool vs_maps_stack(struct vs_maps *maps, const struct vs_map *map);
/* Whether [lo, hi) holds shared memory, writable or not; true also if it
 * cannot be found out. */
bool vs_maps_shared(uintptr_t lo, uintptr_t hi);
void vs_maps_close(struct vs_maps *maps);

/* A whole small file of /proc into `buf`, NUL-terminated. Its length, or
 * -errno. */
long vs_proc_read(const char *path, char *buf, unsigned size);

#endif
