/* SPDX-License-Identifier: MIT
 * Paths in /proc, put together from their ends without libc. */
#ifndef VS_PROC_PATH_H
#define VS_PROC_PATH_H

#include <stdint.h>

/* The room for a path, with its NUL. */
enum { VS_PROC_PATH = 64 };

/* Each writes what ends at `end`, and returns where that begins. */
static inline char *vs_put_number(char *end, uint64_t n)
{
	do
		*--end = (char)('0' + n % 10);
	while (n /= 10);
	return end;
}

static inline char *vs_put_text(char *end, const char *text)
{
	const char *last = text;

	while (*last)
		last++;
	while (last > text)
		*--end = *--last;
	return end;
}

/* "/proc/<pid><tail>", which begins somewhere in `path`. By the numbers of this
 * process: what is mounted there may have those of another pid namespace. */
static inline char *vs_proc_path(char path[VS_PROC_PATH], long pid,
				 const char *tail)
{
	char *at = path + VS_PROC_PATH - 1;

	*at = '\0';
	at = vs_put_text(at, tail);
	at = vs_put_number(at, (uint64_t)pid);
	return vs_put_text(at, "/proc/");
}

#endif
