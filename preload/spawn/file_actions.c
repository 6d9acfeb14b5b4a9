/* SPDX-License-Identifier: MIT
 * The list of file actions in a posix_spawn_file_actions_t. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "spawn/spawn.h"

_Static_assert(sizeof(struct vs_file_actions) ==
		       sizeof(posix_spawn_file_actions_t),
	       "glibc and musl agree on this size");
_Static_assert(offsetof(struct vs_file_actions, list) == 2 * sizeof(int),
	       "where glibc has it: __allocated, __used, __actions");

static const uint32_t magic[4] = {0x73762e2f, 0x6e776170, 0x5e81f046,
				  0xc2b3a7d9};

struct vs_file_actions *
vs_file_actions_of(const posix_spawn_file_actions_t *object)
{
	struct vs_file_actions *a = (struct vs_file_actions *)object;

	return memcmp(a->magic, magic, sizeof(magic)) ? NULL : a;
}

void vs_file_actions_init(posix_spawn_file_actions_t *object)
{
	struct vs_file_actions *a = (struct vs_file_actions *)object;

	memset(a, 0, sizeof(*a));
	memcpy(a->magic, magic, sizeof(magic));
}

/* Where the path of an action is, or NULL if its kind has none. */
static char **path_in(struct vs_action *action)
{
	if (action->kind == VS_OPEN)
		return &action->open.path;
	return action->kind == VS_CHDIR ? &action->path : NULL;
}

void vs_file_actions_destroy(struct vs_file_actions *a)
{
	for (int i = 0; i < a->used; i++) {
		char **path = path_in(&a->list[i]);

		if (path)
			free(*path);
	}
	free(a->list);
	memset(a, 0, sizeof(*a));
}

/* Room for one more, not yet counted, or NULL. By eights, as glibc. */
static struct vs_action *next(struct vs_file_actions *a)
{
	enum { STEP = 8 };
	struct vs_action *list;

	if (a->used == a->room) {
		list = realloc(a->list,
			       (size_t)(a->room + STEP) * sizeof(*list));
		if (!list)
			return NULL;
		a->list = list;
		a->room += STEP;
	}
	return &a->list[a->used];
}

int vs_file_actions_add(struct vs_file_actions *a, struct vs_action what)
{
	char **path = path_in(&what);
	struct vs_action *new;

	if (path) {
		*path = strdup(*path);
		if (!*path)
			return ENOMEM;
	}
	new = next(a);
	if (!new) {
		if (path)
			free(*path);
		return ENOMEM;
	}
	*new = what;
	a->used++;
	return 0;
}
