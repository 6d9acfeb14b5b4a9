/* SPDX-License-Identifier: MIT
 *
 * posix_spawn_file_actions_*(): they build the list that the child works off.
 * An object that is not ours goes to the functions that can read it.
 */
#include <errno.h>
#include <unistd.h>

#include "entry/spawn/internal.h"

/* glibc has these since 2.34 and 2.35, and its header only then. */
int posix_spawn_file_actions_addclosefrom_np(posix_spawn_file_actions_t *, int);
int posix_spawn_file_actions_addtcsetpgrp_np(posix_spawn_file_actions_t *, int);

/* ---- the real libc's object ---- */

#define REAL(name) VS_REAL(posix_spawn_file_actions_##name)

/* Appends by the real function; one that this libc does not have says so. */
static int add_by_libc(posix_spawn_file_actions_t *to,
		       const struct vs_action *a)
{
	switch (a->kind) {
	case VS_CLOSE:
		return REAL(addclose)(to, a->fd);
	case VS_DUP2:
		return REAL(adddup2)(to, a->dup2.from, a->dup2.to);
	case VS_OPEN:
		return REAL(addopen)(to, a->open.fd, a->open.path,
				     a->open.flags, a->open.mode);
	case VS_CHDIR:
		return REAL(addchdir_np) ? REAL(addchdir_np)(to, a->path)
					 : ENOSYS;
	case VS_FCHDIR:
		return REAL(addfchdir_np) ? REAL(addfchdir_np)(to, a->fd)
					  : ENOSYS;
	case VS_CLOSEFROM:
		return REAL(addclosefrom_np) ? REAL(addclosefrom_np)(to, a->fd)
					     : ENOSYS;
	case VS_TCSETPGRP:
		return REAL(addtcsetpgrp_np) ? REAL(addtcsetpgrp_np)(to, a->fd)
					     : ENOSYS;
	}
	return ENOSYS;
}

int vs_file_actions_translate(posix_spawn_file_actions_t *to,
			      const struct vs_file_actions *from)
{
	int error = REAL(init)(to);

	for (int i = 0; !error && i < from->used; i++)
		error = add_by_libc(to, &from->list[i]);
	return error;
}

/* ---- the entry points ---- */

VS_EXPORT int posix_spawn_file_actions_init(posix_spawn_file_actions_t *object)
{
	if (!VS_ARCH_STUB || vs_config.off || !vs_config.spawn)
		return REAL(init)(object);
	vs_file_actions_init(object);
	return 0;
}

VS_EXPORT int
posix_spawn_file_actions_destroy(posix_spawn_file_actions_t *object)
{
	struct vs_file_actions *a = vs_file_actions_of(object);

	if (!a)
		return REAL(destroy)(object);
	vs_file_actions_destroy(a);
	return 0;
}

/* sysconf: as libc does. Asked at every call, the limit may change. */
static bool valid(int fd)
{
	long limit = sysconf(_SC_OPEN_MAX);

	return fd >= 0 && (limit < 0 || fd < limit);
}

/* To our list if its descriptors are valid, or by the real function. */
static int add(posix_spawn_file_actions_t *object, const struct vs_action *what,
	       bool is_valid)
{
	struct vs_file_actions *a = vs_file_actions_of(object);

	if (!a)
		return add_by_libc(object, what);
	return is_valid ? vs_file_actions_add(a, *what) : EBADF;
}

VS_EXPORT int
posix_spawn_file_actions_addclose(posix_spawn_file_actions_t *object, int fd)
{
	const struct vs_action what = {.kind = VS_CLOSE, .fd = fd};

	return add(object, &what, valid(fd));
}

VS_EXPORT int
posix_spawn_file_actions_adddup2(posix_spawn_file_actions_t *object, int fd,
				 int to)
{
	const struct vs_action what = {.kind = VS_DUP2, .dup2 = {fd, to}};

	return add(object, &what, valid(fd) && valid(to));
}

VS_EXPORT int
posix_spawn_file_actions_addopen(posix_spawn_file_actions_t *restrict object,
				 int fd, const char *restrict path, int flags,
				 mode_t mode)
{
	const struct vs_action what = {.kind = VS_OPEN,
				       .open = {fd, (char *)path, flags, mode}};

	return add(object, &what, valid(fd));
}

VS_EXPORT int posix_spawn_file_actions_addchdir_np(
	posix_spawn_file_actions_t *restrict object, const char *restrict path)
{
	const struct vs_action what = {.kind = VS_CHDIR, .path = (char *)path};

	return add(object, &what, true);
}

/* glibc does not check this one's descriptor; the child's fchdir does. */
VS_EXPORT int
posix_spawn_file_actions_addfchdir_np(posix_spawn_file_actions_t *object,
				      int fd)
{
	const struct vs_action what = {.kind = VS_FCHDIR, .fd = fd};

	return add(object, &what, true);
}

VS_EXPORT int
posix_spawn_file_actions_addclosefrom_np(posix_spawn_file_actions_t *object,
					 int from)
{
	const struct vs_action what = {.kind = VS_CLOSEFROM, .fd = from};

	return add(object, &what, valid(from));
}

VS_EXPORT int
posix_spawn_file_actions_addtcsetpgrp_np(posix_spawn_file_actions_t *object,
					 int fd)
{
	const struct vs_action what = {.kind = VS_TCSETPGRP, .fd = fd};

	return add(object, &what, valid(fd));
}
