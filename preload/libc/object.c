/* SPDX-License-Identifier: MIT
 * See internal.h. */
#include <stddef.h>

#include "libc/internal.h"

typedef ElfW(Dyn) Dyn;

static const Dyn *dynamic_of(const struct dl_phdr_info *info)
{
	for (int i = 0; i < info->dlpi_phnum; i++) {
		const ElfW(Phdr) *p = &info->dlpi_phdr[i];

		if (p->p_type == PT_DYNAMIC)
			return (const void *)(info->dlpi_addr + p->p_vaddr);
	}
	return NULL;
}

/* Whether the loader has added the base to what it points to depends on the
 * libc and the CPU. */
static const void *pointer(const struct vs_object *o, const Dyn *entry)
{
	uintptr_t at = entry->d_un.d_ptr;

	return (const void *)(at < o->base ? o->base + at : at);
}

bool vs_object_read(const struct dl_phdr_info *info, struct vs_object *o)
{
	const Dyn *entry = dynamic_of(info);

	*o = (struct vs_object){.base = info->dlpi_addr};
	for (; entry && entry->d_tag != DT_NULL; entry++) {
		switch (entry->d_tag) {
		case DT_SYMTAB:
			o->symbols = pointer(o, entry);
			break;
		case DT_STRTAB:
			o->strings = pointer(o, entry);
			break;
		case DT_VERSYM:
			o->versions = pointer(o, entry);
			break;
		case DT_GNU_HASH:
			o->hash = pointer(o, entry);
			break;
		default:
			break;
		}
	}
	return o->symbols && o->strings;
}
