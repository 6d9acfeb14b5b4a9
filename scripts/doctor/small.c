/* SPDX-License-Identifier: MIT
 * Small files, lines and names. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "doctor.h"

/* No map and no status is larger; a map may be cut off. */
enum { SLURP_MAX = 64 << 20 };

const char *base_name(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? slash + 1 : path;
}

/* Files of /proc say that they are empty. */
char *slurp(const char *path, size_t *size)
{
	size_t room = 4096, used = 0;
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	char *text = fd < 0 ? NULL : malloc(room + 1), *more;
	ssize_t n = -1;

	while (text && (n = read(fd, text + used, room - used)) > 0) {
		used += (size_t)n;
		if (used < room)
			continue;
		if (room >= SLURP_MAX)
			break;
		room *= 2;
		more = realloc(text, room + 1);
		if (!more)
			break;
		text = more;
	}
	if (fd >= 0)
		close(fd);
	if (n < 0) {
		free(text);
		return NULL;
	}
	text[used] = '\0';
	if (size)
		*size = used;
	return text;
}

const char *line_of(const char *text, const char *key)
{
	size_t size = strlen(key);

	while (text && *text) {
		if (!strncmp(text, key, size)) {
			text += size;
			return text + strspn(text, " \t");
		}
		text = strchr(text, '\n');
		text += text != NULL;
	}
	return NULL;
}

const char *setting_of(char **environment, const char *name)
{
	size_t size = strlen(name);

	for (; *environment; environment++) {
		if (!strncmp(*environment, name, size) &&
		    (*environment)[size] == '=')
			return *environment + size + 1;
	}
	return NULL;
}

bool same_file(const char *a, const char *b)
{
	struct stat one, other;

	return !stat(a, &one) && !stat(b, &other) &&
	       one.st_ino == other.st_ino && one.st_dev == other.st_dev;
}
