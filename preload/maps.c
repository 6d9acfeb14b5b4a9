/* SPDX-License-Identifier: MIT
 * /proc/self/maps, read by raw system calls into the caller's memory. */
#include <fcntl.h>
#include <stddef.h>

#include "maps.h"
#include "port.h"

int vs_maps_open(struct vs_maps *maps)
{
	maps->at = maps->end = 0;
	maps->fd = (int)vs_sys(SYS_openat, AT_FDCWD, "/proc/self/maps",
			       O_RDONLY | O_CLOEXEC);
	return maps->fd < 0 ? maps->fd : 0;
}

void vs_maps_close(struct vs_maps *maps)
{
	vs_sys(SYS_close, maps->fd);
}

/* The next character, or -1 at the end. */
static int next_char(struct vs_maps *maps)
{
	if (maps->at == maps->end) {
		long n = vs_sys(SYS_read, maps->fd, maps->buf,
				sizeof(maps->buf));

		if (n <= 0)
			return -1;
		maps->at = 0;
		maps->end = (unsigned)n;
	}
	return (unsigned char)maps->buf[maps->at++];
}

/* A hexadecimal number and the one character that ends it. */
static uintptr_t next_hex(struct vs_maps *maps, int *ended_by)
{
	uintptr_t value = 0;

	for (;;) {
		int c = next_char(maps);

		if (c >= '0' && c <= '9')
			value = value << 4 | (unsigned)(c - '0');
		else if (c >= 'a' && c <= 'f')
			value = value << 4 | (unsigned)(c - 'a' + 10);
		else {
			*ended_by = c;
			return value;
		}
	}
}

/* "lo-hi perms offset major:minor inode   name\n" */
bool vs_maps_next(struct vs_maps *maps, struct vs_map *map)
{
	int c;

	map->lo = next_hex(maps, &c);
	map->hi = next_hex(maps, &c);
	if (c != ' ')
		return false;
	for (int i = 0; i < 4; i++)
		map->perms[i] = (char)next_char(maps);
	next_char(maps);
	next_hex(maps, &c);
	next_hex(maps, &c);
	next_hex(maps, &c);
	map->anonymous = next_char(maps) == '0';
	map->stack = false;
	while ((c = next_char(maps)) != '\n') {
		if (c < 0)
			return false;
		/* "[stack]"; no other name in brackets starts so. */
		if (c == '[' && (c = next_char(maps)) == 's')
			map->stack = true;
		if (c == '\n')
			break;
	}
	return true;
}

long vs_proc_read(const char *path, char *buf, unsigned size)
{
	long fd = vs_sys(SYS_openat, AT_FDCWD, path, O_RDONLY | O_CLOEXEC);
	long n = 0, r;

	if (fd < 0)
		return fd;
	do {
		r = vs_sys(SYS_read, fd, buf + n, size - 1 - n);
		n += r > 0 ? r : 0;
	} while (r > 0 && n < (long)size - 1);
	vs_sys(SYS_close, fd);
	buf[n] = '\0';
	return r < 0 ? r : n;
}
