/* SPDX-License-Identifier: MIT
 *
 * VSPAWN_CHILDREN=keep puts our name at the end of LD_PRELOAD if it is not
 * there, drop takes it out. Nothing else is touched, and nothing reordered.
 * At the end, because a sanitizer insists on being first.
 *
 * May run in any kind of child: no allocation, no lock but the loader's.
 */
#include <errno.h>
#include <fcntl.h>
#include <link.h>
#include <string.h>
#include <unistd.h>

#include "base/image.h"
#include "kernel/ksignal.h"
#include "entry/internal.h"
#include "kernel/sigmask.h"
#include "libc/facts.h"
#include "txn/child/child.h"

static const char variable[] = "LD_PRELOAD=";
enum { VARIABLE = sizeof(variable) - 1 };

/* The name the loader has for us: as written in LD_PRELOAD, or the path where
 * it found one without a slash. Ours as long as we are loaded. Read in the list
 * that debuggers read: dladdr() takes the loader's lock, which in the child of
 * a fork another thread may have had. */
static const char *own_name(void)
{
	static const char *_Atomic name;
	const struct link_map *map;

	if (name)
		return name;
	map = vs_loaded_objects();
	while (map && map->l_addr != vs_image().lo)
		map = map->l_next;
	if (map)
		name = map->l_name;
	return name;
}

void vs_env_prepare(void)
{
	own_name();
}

/* ---- a root, or rules, by which the loader may not find us ---- */

_Atomic bool vs_env_moved;

/* What is to be done for this exec. A loader that does not find us complains on
 * stderr, and natively there would have been nothing to find. */
static enum vs_children mode(void)
{
	long r;

	if (vs_config.children != VS_CHILDREN_INHERIT || !vs_env_moved)
		return vs_config.children;
	r = vs_sys(SYS_faccessat, AT_FDCWD, own_name(), R_OK);
	return r == -ENOENT || r == -ENOTDIR || r == -EACCES
		       ? VS_CHILDREN_DROP
		       : VS_CHILDREN_INHERIT;
}

/* ---- the environment ---- */

static const char *value_of(const char *e)
{
	return vs_value_of(e, "LD_PRELOAD");
}

/* Whether a variable with this value has to be another. */
static bool changes(const char *value, bool drop)
{
	return vs_preload_names(value, own_name()) == drop;
}

/* Asked once for each run of a page, of which `page` is the last good one. Not
 * at its start, which of the first page is NULL: no set. */
static bool readable(const void *at, uintptr_t *page)
{
	uintptr_t this = vs_page_down((uintptr_t)at);

	if (this != *page && vs_speculative)
		vs_child_want(this, 1);
	if (this != *page && vs_readable(this + 8))
		*page = this;
	return this == *page;
}

/* What is not, exec says EFAULT to: so it gets to see that. */
static bool all_readable(char *const *envp)
{
	uintptr_t list = 1, text = 1; /* no page */

	for (; envp; envp++) {
		if (!readable(envp, &list) ||
		    !readable((const char *)(envp + 1) - 1, &list))
			return false;
		if (!*envp)
			return true;
		for (const char *at = *envp;; at++) {
			if (!readable(at, &text))
				return false;
			if (!*at)
				break;
		}
	}
	return true;
}

static size_t room_for_own_name(void)
{
	return VARIABLE + strlen(own_name()) + 2;
}

/* Bytes that an edited copy needs; 0 if `envp` may stay as it is. */
static size_t room_for_copy(char *const *envp)
{
	enum vs_children what = mode();
	bool keep = what == VS_CHILDREN_KEEP, found = false, change = false;
	size_t n = 0, text = 0;

	if (what == VS_CHILDREN_INHERIT || !own_name() || !all_readable(envp))
		return 0;
	for (; envp && envp[n]; n++) {
		const char *value = value_of(envp[n]);

		if (!value)
			continue;
		found = true;
		if (changes(value, !keep)) {
			change = true;
			text += strlen(envp[n]) + room_for_own_name();
		}
	}
	if (keep && !found)
		text += room_for_own_name();
	else if (!change)
		return 0;
	return (n + 2) * sizeof(*envp) + text;
}

/* Of several LD_PRELOAD the last counts with glibc, the first with musl: all
 * are treated alike. */
static char *const *edit(char *const *envp, void *room)
{
	bool keep = vs_config.children == VS_CHILDREN_KEEP, found = false;
	char **list = room, *text;
	size_t n = 0;

	while (envp && envp[n])
		n++;
	text = (char *)(list + n + 2);
	for (size_t i = 0; i < n; i++) {
		const char *value = value_of(envp[i]);
		char *end;

		*list = envp[i];
		found |= value != NULL;
		if (value && changes(value, !keep)) {
			*list = text;
			text = stpcpy(text, variable);
			end = keep ? vs_preload_with(text, value, own_name())
				   : vs_preload_without(text, value,
							own_name());
			if (!end)
				continue;
			*end = '\0';
			text = end + 1;
		}
		list++;
	}
	if (keep && !found) {
		*list++ = text;
		vs_preload_with(stpcpy(text, variable), "", own_name());
	}
	*list = NULL;
	return room;
}

/* An array has at least one element. */
size_t vs_env_room_changed(char *const *envp)
{
	return room_for_copy(envp) / sizeof(*envp) + 1;
}

char *const *vs_env_edit_changed(char *const *envp, void *room)
{
	return room_for_copy(envp) ? edit(envp, room) : envp;
}
