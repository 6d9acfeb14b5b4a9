/* SPDX-License-Identifier: MIT
 * See module.h. */
#include "libc/module.h"

#include <string.h>

#include "base/compiler.h"
#include "libc/internal.h"
#include "libc/real.h"

/* What _dl_find_object() fills in, of which the beginning is the same on all
 * CPUs (dlfcn.h of glibc 2.35), and room for the rest. */
struct found_object {
	unsigned long long flags;
	void *start, *end;
	const struct link_map *map;
	void *frame_hdr;
	unsigned char rest[128];
};

/* glibc's, since 2.35: without a lock, in a signal handler, too. NULL: there is
 * none. */
static int (*find_object)(void *, struct found_object *);

/* Elsewhere: objects of the start, which are never unloaded. */
enum { KNOWN = 64 };
static struct vs_module known[KNOWN] VS_BIG;
static int count;

/* The child of a fork has no other. */
static bool forked VS_HOT;

static int note(struct dl_phdr_info *info, size_t size, void *data)
{
	(void)size;
	(void)data;
	if (count < KNOWN)
		vs_module_by_list(info, &known[count++]);
	return 0;
}

void vs_module_prepare(void)
{
	if (find_object || count)
		return;
	*(void **)&find_object = vs_symbol("_dl_find_object");
	if (!find_object)
		dl_iterate_phdr(note, NULL);
}

struct wanted {
	uintptr_t address;
	struct vs_module *module;
};

static int look(struct dl_phdr_info *info, size_t size, void *data)
{
	const struct wanted *w = data;

	(void)size;
	vs_module_by_list(info, w->module);
	return vs_range_has(&w->module->at, w->address);
}

bool vs_module_at(uintptr_t address, struct vs_module *to)
{
	struct found_object found;

	if (find_object) {
		if (find_object((void *)address, &found))
			return false;
		*to = (struct vs_module){
			.at = {(uintptr_t)found.start, (uintptr_t)found.end},
			.base = found.map->l_addr,
			.path = found.map->l_name,
			.dynamic = found.map->l_ld,
			.frame_hdr = found.frame_hdr};
		return true;
	}
	for (int i = 0; i < count; i++) {
		if (!vs_range_has(&known[i].at, address))
			continue;
		*to = known[i];
		return true;
	}
	return !forked && dl_iterate_phdr(look, &(struct wanted){address, to});
}

bool vs_module_of(uintptr_t address, char *path, size_t room, uintptr_t *offset)
{
	struct vs_module module;
	size_t len, skip = 0;

	if (!vs_module_at(address, &module))
		return false;
	len = strlen(module.path);
	if (len >= room)
		skip = len + 1 - room;
	memcpy(path, module.path + skip, len - skip + 1);
	*offset = address - module.base;
	return true;
}

void vs_module_reset(void)
{
	forked = true;
}
