/* SPDX-License-Identifier: MIT
 *
 * posix_spawn_file_actions_*: build the list that the child works off. An
 * object that another libc has initialised (a plugin bound with
 * RTLD_DEEPBIND), or that somebody has merely filled with zeros, lacks our
 * magic; it goes to the functions that can read it.
 */

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "spawn/file_actions.h"
#include "port.h"
#include "spawn/spawn.h"

_Static_assert(sizeof(struct vs_actions) == sizeof(posix_spawn_file_actions_t),
	       "glibc and musl agree on this size");

static const uint32_t magic[4] = {0x73762e2f, 0x6e776170, 0x5e81f046,
				  0xc2b3a7d9};

struct vs_actions *vs_actions(const posix_spawn_file_actions_t *object)
{
	struct vs_actions *a = (struct vs_actions *)object;

	return memcmp(a->magic, magic, sizeof(magic)) ? NULL : a;
}

/* sysconf: as libc does. Asked at every call, the limit may change. */
static bool valid(int fd)
{
	long limit = sysconf(_SC_OPEN_MAX);

	return fd >= 0 && (limit < 0 || fd < limit);
}

/* Room for one more, zeroed and not yet counted, or NULL. */
static struct vs_action *next(struct vs_actions *a)
{
	if (a->used == a->room) {
		struct vs_action *list =
			realloc(a->list, (a->room + 8) * sizeof(*list));

		if (!list)
			return NULL;
		a->list = list;
		a->room += 8;
	}
	return memset(&a->list[a->used], 0, sizeof(*a->list));
}

static int add_fd(struct vs_actions *a, enum vs_action_kind kind, int fd)
{
	struct vs_action *new = next(a);

	if (!new)
		return ENOMEM;
	new->kind = kind;
	new->fd = fd;
	a->used++;
	return 0;
}

/* The list keeps a copy of `path`. */
static int add_path(struct vs_actions *a, struct vs_action what,
		    const char *path)
{
	char *copy = strdup(path);
	struct vs_action *new = copy ? next(a) : NULL;

	if (!new) {
		free(copy);
		return ENOMEM;
	}
	if (what.kind == VS_OPEN)
		what.open.path = copy;
	else
		what.path = copy;
	*new = what;
	a->used++;
	return 0;
}

/* An object that is not ours; adders that this libc does not have say so. */
#define REAL_ADD(name, ...)                                          \
	do {                                                         \
		__typeof__(&posix_spawn_file_actions_##name) real_ = \
			VS_REAL(posix_spawn_file_actions_##name);    \
		return real_ ? real_(__VA_ARGS__) : ENOSYS;          \
	} while (0)

VS_EXPORT int posix_spawn_file_actions_init(posix_spawn_file_actions_t *object)
{
	struct vs_actions *a = (struct vs_actions *)object;

	if (!VS_ARCH_STUB || vs_config.off || !vs_config.spawn)
		return VS_REAL(posix_spawn_file_actions_init)(object);
	memset(a, 0, sizeof(*a));
	memcpy(a->magic, magic, sizeof(magic));
	return 0;
}

VS_EXPORT int
posix_spawn_file_actions_destroy(posix_spawn_file_actions_t *object)
{
	struct vs_actions *a = vs_actions(object);

	if (!a)
		return VS_REAL(posix_spawn_file_actions_destroy)(object);
	for (int i = 0; i < a->used; i++) {
		if (a->list[i].kind == VS_OPEN)
			free(a->list[i].open.path);
		else if (a->list[i].kind == VS_CHDIR)
			free(a->list[i].path);
	}
	free(a->list);
	memset(a, 0, sizeof(*a));
	return 0;
}

VS_EXPORT int
posix_spawn_file_actions_addclose(posix_spawn_file_actions_t *object, int fd)
{
	struct vs_actions *a = vs_actions(object);

	if (!a)
		REAL_ADD(addclose, object, fd);
	return valid(fd) ? add_fd(a, VS_CLOSE, fd) : EBADF;
}

VS_EXPORT int
posix_spawn_file_actions_adddup2(posix_spawn_file_actions_t *object, int fd,
				 int to)
{
	struct vs_actions *a = vs_actions(object);
	struct vs_action *new;

	if (!a)
		REAL_ADD(adddup2, object, fd, to);
	if (!valid(fd) || !valid(to))
		return EBADF;
	new = next(a);
	if (!new)
		return ENOMEM;
	new->kind = VS_DUP2;
	new->dup2.from = fd;
	new->dup2.to = to;
	a->used++;
	return 0;
}

VS_EXPORT int
posix_spawn_file_actions_addopen(posix_spawn_file_actions_t *restrict object,
				 int fd, const char *restrict path, int flags,
				 mode_t mode)
{
	struct vs_actions *a = vs_actions(object);
	struct vs_action what = {.kind = VS_OPEN};

	if (!a)
		REAL_ADD(addopen, object, fd, path, flags, mode);
	if (!valid(fd))
		return EBADF;
	what.open.fd = fd;
	what.open.flags = flags;
	what.open.mode = mode;
	return add_path(a, what, path);
}

VS_EXPORT int posix_spawn_file_actions_addchdir_np(
	posix_spawn_file_actions_t *restrict object, const char *restrict path)
{
	struct vs_actions *a = vs_actions(object);

	if (!a)
		REAL_ADD(addchdir_np, object, path);
	return add_path(a, (struct vs_action){.kind = VS_CHDIR}, path);
}

/* glibc does not check this one's descriptor; the child's fchdir does. */
VS_EXPORT int
posix_spawn_file_actions_addfchdir_np(posix_spawn_file_actions_t *object,
				      int fd)
{
	struct vs_actions *a = vs_actions(object);

	if (!a)
		REAL_ADD(addfchdir_np, object, fd);
	return add_fd(a, VS_FCHDIR, fd);
}

/* glibc has these since 2.34 and 2.35, and its header only then. */
int posix_spawn_file_actions_addclosefrom_np(posix_spawn_file_actions_t *, int);
int posix_spawn_file_actions_addtcsetpgrp_np(posix_spawn_file_actions_t *, int);

VS_EXPORT int
posix_spawn_file_actions_addclosefrom_np(posix_spawn_file_actions_t *object,
					 int from)
{
	struct vs_actions *a = vs_actions(object);

	if (!a)
		REAL_ADD(addclosefrom_np, object, from);
	return valid(from) ? add_fd(a, VS_CLOSEFROM, from) : EBADF;
}

VS_EXPORT int
posix_spawn_file_actions_addtcsetpgrp_np(posix_spawn_file_actions_t *object,
					 int fd)
{
	struct vs_actions *a = vs_actions(object);

	if (!a)
		REAL_ADD(addtcsetpgrp_np, object, fd);
	return valid(fd) ? add_fd(a, VS_TCSETPGRP, fd) : EBADF;
}

static int translate_one(posix_spawn_file_actions_t *to,
			 const struct vs_action *from)
{
	switch (from->kind) {
	case VS_CLOSE:
		REAL_ADD(addclose, to, from->fd);
	case VS_DUP2:
		REAL_ADD(adddup2, to, from->dup2.from, from->dup2.to);
	case VS_OPEN:
		REAL_ADD(addopen, to, from->open.fd, from->open.path,
			 from->open.flags, from->open.mode);
	case VS_CHDIR:
		REAL_ADD(addchdir_np, to, from->path);
	case VS_FCHDIR:
		REAL_ADD(addfchdir_np, to, from->fd);
	case VS_CLOSEFROM:
		REAL_ADD(addclosefrom_np, to, from->fd);
	case VS_TCSETPGRP:
		REAL_ADD(addtcsetpgrp_np, to, from->fd);
	}
	return ENOSYS;
}

int vs_actions_translate(posix_spawn_file_actions_t *to,
			 const struct vs_actions *from)
{
	int error = VS_REAL(posix_spawn_file_actions_init)(to);

	for (int i = 0; !error && i < from->used; i++)
		error = translate_one(to, &from->list[i]);
	return error;
}
