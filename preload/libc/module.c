/* SPDX-License-Identifier: MIT
 * See module.h. */
#include "libc/module.h"

#include <link.h>
#include <string.h>

#include "base/compiler.h"
#include "base/range.h"

/* Objects of the start, which are never unloaded. */
enum { KNOWN = 64 };
static struct known {
	struct vs_range at;
	uintptr_t base;
	const char *path;
} known[KNOWN] VS_BIG;
static int count;

/* The child of a fork has no other. */
static bool forked;

static struct vs_range extent(const struct dl_phdr_info *info)
{
	struct vs_range at = {UINTPTR_MAX, 0};

	for (int i = 0; i < info->dlpi_phnum; i++) {
		const ElfW(Phdr) *p = &info->dlpi_phdr[i];
		uintptr_t lo = info->dlpi_addr + p->p_vaddr;

		if (p->p_type != PT_LOAD)
			continue;
		at.lo = lo < at.lo ? lo : at.lo;
		at.hi = lo + p->p_memsz > at.hi ? lo + p->p_memsz : at.hi;
	}
	return at;
}

static int note(struct dl_phdr_info *info, size_t size, void *data)
{
	(void)size;
	(void)data;
	if (count < KNOWN)
		known[count++] = (struct known){extent(info), info->dlpi_addr,
						info->dlpi_name};
	return 0;
}

void vs_module_prepare(void)
{
	dl_iterate_phdr(note, NULL);
}

struct wanted {
	uintptr_t address, offset;
	char *path;
	size_t room;
};

static void found(struct wanted *w, uintptr_t base, const char *path)
{
	size_t len = strlen(path), skip = 0;

	if (len >= w->room)
		skip = len + 1 - w->room;
	memcpy(w->path, path + skip, len - skip + 1);
	w->offset = w->address - base;
}

static int look(struct dl_phdr_info *info, size_t size, void *data)
{
	struct vs_range at = extent(info);
	struct wanted *w = data;

	(void)size;
	if (!vs_range_has(&at, w->address))
		return 0;
	found(w, info->dlpi_addr, info->dlpi_name);
	return 1;
}

static bool look_in_known(struct wanted *w)
{
	for (int i = 0; i < count; i++) {
		if (!vs_range_has(&known[i].at, w->address))
			continue;
		found(w, known[i].base, known[i].path);
		return true;
	}
	return false;
}

bool vs_module_of(uintptr_t address, char *path, size_t room, uintptr_t *offset)
{
	struct wanted w = {.address = address, .path = path, .room = room};

	if (!look_in_known(&w) && (forked || !dl_iterate_phdr(look, &w)))
		return false;
	*offset = w.offset;
	return true;
}

void vs_module_reset(void)
{
	forked = true;
}
