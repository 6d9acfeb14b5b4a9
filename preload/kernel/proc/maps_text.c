/* SPDX-License-Identifier: MIT
 * The mappings of this process by the text of /proc/self/maps. */
#include "base/bytes.h"
#include "kernel/proc/internal.h"
#include "kernel/sys.h"

/* The next character, or -1 at the end. */
static int next_char(struct vs_maps *maps)
{
	if (maps->at == maps->end) {
		long n = vs_sys(SYS_read, maps->fd, maps->text, VS_MAPS_TEXT);

		if (n <= 0) {
			maps->failed = n < 0;
			return -1;
		}
		maps->at = maps->text;
		maps->end = maps->text + n;
	}
	return (unsigned char)*maps->at++;
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

static bool skip_line(struct vs_maps *maps)
{
	int c;

	do
		c = next_char(maps);
	while (c >= 0 && c != '\n');
	return c == '\n';
}

/* What comes before the name: "offset major:minor inode", and blanks. The first
 * character behind them. */
static int skip_to_name(struct vs_maps *maps, struct vs_map *map)
{
	int c;

	next_char(maps);
	for (int i = 0; i < 3; i++)
		next_hex(maps, &c);
	/* A file's inode is not 0. */
	c = next_char(maps);
	map->anonymous = c == '0';
	while (c >= '0' && c <= '9')
		c = next_char(maps);
	while (c == ' ')
		c = next_char(maps);
	return c;
}

/* Of the kernel's own mappings [heap], [stack] and [anon:...] are ordinary. */
static bool is_special(const char *name)
{
	if (name[0] == '[')
		return name[1] != 'h' && name[1] != 'a' &&
		       !vs_begins(name, "[stack");
	return vs_begins(name, "/dev/") && !vs_begins(name, "/dev/zero") &&
	       !vs_begins(name, "/dev/shm/");
}

/* Anonymous and shared, memfd_create(), shm_open(), shmget(). */
static bool is_shmem(const char *name)
{
	return vs_begins(name, "/dev/zero") || vs_begins(name, "/memfd:") ||
	       vs_begins(name, "/dev/shm/") || vs_begins(name, "/SYSV");
}

/* The name and the end of the line. */
static bool end_line(struct vs_maps *maps, struct vs_map *map, int c)
{
	char name[16] = {0};

	for (unsigned n = 0; c >= 0 && c != '\n'; n++) {
		if (n < sizeof(name) - 1)
			name[n] = (char)c;
		c = next_char(maps);
	}
	map->special = is_special(name);
	map->shmem = is_shmem(name);
	return c == '\n';
}

/* "lo-hi perms offset major:minor inode   name\n" */
bool vs_maps_next_by_text(struct vs_maps *maps, struct vs_map *map)
{
	uintptr_t guard = maps->guard;
	char perms[4] = {0};
	int c;

	for (;;) {
		map->at.lo = next_hex(maps, &c);
		map->at.hi = next_hex(maps, &c);
		if (c != ' ')
			return false;
		for (int i = 0; i < 4; i++)
			perms[i] = (char)next_char(maps);
		maps->before = guard;
		guard = 0;
		if (perms[0] + perms[1] + perms[2] == 3 * '-' &&
		    map->at.hi - map->at.lo <= VS_GUARD_MAX)
			guard = map->at.hi;
		if (maps->all || perms[1] == 'w')
			break;
		if (!skip_line(maps))
			return false;
	}
	maps->guard = guard;
	map->readable = perms[0] == 'r';
	map->writable = perms[1] == 'w';
	map->executable = perms[2] == 'x';
	map->shared = perms[3] == 's';
	return end_line(maps, map, skip_to_name(maps, map));
}
