/* SPDX-License-Identifier: MIT
 * What getdents64 writes, which no header has: struct linux_dirent64. */
#ifndef VS_DIRENT64_H
#define VS_DIRENT64_H

#include <stddef.h>
#include <stdint.h>

struct vs_dirent64 {
	uint64_t inode;
	int64_t offset;
	unsigned short size;
	unsigned char type;
	char name[];
};
_Static_assert(offsetof(struct vs_dirent64, name) == 19,
	       "as the kernel has it");

/* The number that is all of a name up to its end or '/', or -1. */
static inline int vs_name_number(const char *name)
{
	int n = 0, digits = 0;

	for (; *name >= '0' && *name <= '9' && digits < 9; digits++)
		n = 10 * n + (*name++ - '0');
	return digits && (!*name || *name == '/') ? n : -1;
}

#endif
