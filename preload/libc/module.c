/* SPDX-License-Identifier: MIT
 * See module.h. */
#include "libc/module.h"

#include <link.h>
#include <string.h>

static bool forked;

struct wanted {
	uintptr_t address, offset;
	char *path;
	size_t room;
};

static int look(struct dl_phdr_info *info, size_t size, void *data)
{
	struct wanted *w = data;
	uintptr_t offset = w->address - info->dlpi_addr;
	size_t len;

	(void)size;
	for (int i = 0; i < info->dlpi_phnum; i++) {
		const ElfW(Phdr) *p = &info->dlpi_phdr[i];

		if (p->p_type != PT_LOAD || offset - p->p_vaddr >= p->p_memsz)
			continue;
		len = strlen(info->dlpi_name);
		w->offset = offset;
		memcpy(w->path,
		       info->dlpi_name +
			       (len < w->room ? 0 : len + 1 - w->room),
		       (len < w->room ? len : w->room - 1) + 1);
		return 1;
	}
	return 0;
}

bool vs_module_of(uintptr_t address, char *path, size_t room, uintptr_t *offset)
{
	struct wanted w = {.address = address, .path = path, .room = room};

	if (forked || !dl_iterate_phdr(look, &w))
		return false;
	*offset = w.offset;
	return true;
}

void vs_module_reset(void)
{
	forked = true;
}
