/* SPDX-License-Identifier: MIT
 *
 * The search for posix_spawnp(), as glibc's execvp() does it. Nothing of libc
 * here: the exec part runs in the child.
 */

#include <errno.h>
#include <limits.h>
#include <unistd.h>

#include "port.h"
#include "spawn/spawn.h"

/* confstr(_CS_PATH) of glibc since 2.24; before, the current directory came
 * first, which nobody wants back. */
static const char default_path[] = "/bin:/usr/bin";

const char *vs_path(void)
{
	for (char **e = environ; e && *e; e++) {
		const char *v = *e;

		if (v[0] == 'P' && v[1] == 'A' && v[2] == 'T' && v[3] == 'H' &&
		    v[4] == '=')
			return v + 5;
	}
	return default_path;
}

static size_t length(const char *s, char end)
{
	size_t n = 0;

	while (s[n] && s[n] != end)
		n++;
	return n;
}

static bool has_slash(const char *s)
{
	return s[length(s, '/')] == '/';
}

/* The barrier keeps compilers from making this a call of memcpy. */
static char *append(char *to, const char *from, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		to[i] = from[i];
		__asm__ volatile("" ::: "memory");
	}
	return to + n;
}

/* What one element of PATH takes. One that no path may be as long as is
 * passed over. */
static bool too_long(size_t element)
{
	return element >= PATH_MAX;
}

size_t vs_path_room(const char *path, const char *file)
{
	size_t longest = 0, name = length(file, '\0');

	if (name > NAME_MAX || has_slash(file))
		return 0;
	for (;; path++) {
		size_t n = length(path, ':');

		if (n > longest && !too_long(n))
			longest = n;
		path += n;
		if (!*path)
			return longest + 1 + name + 1;
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
		size_t n = length(element, ':');

		if (!too_long(n)) {
			char *end = append(s->buffer, element, n);

			/* An empty element is the current directory. */
			if (n)
				*end++ = '/';
			append(end, s->file, name + 1);
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
	size_t name = length(s->file, '\0');

	if (!name)
		return -ENOENT;
	if (has_slash(s->file))
		return vs_sys(SYS_execve, s->file, s->argv, s->envp);
	if (name > NAME_MAX)
		return -ENAMETOOLONG;
	return search(s, name);
}
