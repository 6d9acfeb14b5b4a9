/* SPDX-License-Identifier: MIT
 *
 * The search for posix_spawnp(), as glibc's execvp() does it. Nothing of libc
 * here: the exec part runs in the child.
 */
#include <errno.h>
#include <limits.h>

#include "base/bytes.h"
#include "spawn/internal.h"

static bool has_slash(const char *s)
{
	return s[vs_length(s, '/')] == '/';
}

/* What one element of PATH takes. One that no path may be as long as is
 * passed over. */
static bool too_long(size_t element)
{
	return element >= PATH_MAX;
}

size_t vs_path_room(const char *path)
{
	size_t longest = 0;

	for (;; path++) {
		size_t n = vs_length(path, ':');

		if (n > longest && !too_long(n))
			longest = n;
		path += n;
		if (!*path)
			return longest + 1 + NAME_MAX + 1;
	}
}

/* Errors after which the next directory is tried: there is no such file, or
 * not one for us, or a network file system has trouble. */
static bool goes_on(long error)
{
	return error == -EACCES || error == -ENOENT || error == -ESTALE ||
	       error == -ENOTDIR || error == -ENODEV || error == -ETIMEDOUT;
}

static long search(const struct vs_spawn *s, size_t name)
{
	const char *element = s->path;
	bool denied = false;
	long r = -ENOENT;

	for (;; element++) {
		size_t n = vs_length(element, ':');

		if (!too_long(n)) {
			char *end = vs_copy_up(s->buffer, element, n);

			/* An empty element is the current directory. */
			if (n)
				*end++ = '/';
			vs_copy_up(end, s->file, name + 1);
			r = vs_sys(SYS_execve, s->buffer, s->argv, s->envp);
			denied |= r == -EACCES;
			if (!goes_on(r))
				return r;
		}
		element += n;
		if (!*element)
			return denied ? -EACCES : r;
	}
}

long vs_path_exec(const struct vs_spawn *s)
{
	size_t name = vs_length(s->file, '\0');

	if (!name)
		return -ENOENT;
	if (has_slash(s->file))
		return vs_sys(SYS_execve, s->file, s->argv, s->envp);
	if (name > NAME_MAX)
		return -ENAMETOOLONG;
	return search(s, name);
}
