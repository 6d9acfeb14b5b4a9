/* SPDX-License-Identifier: MIT
 * See internal.h. */
#include <stddef.h>

#include "libc/internal.h"

typedef ElfW(Dyn) Dyn;

void vs_module_by_list(const struct dl_phdr_info *info, struct vs_module *to)
{
	*to = (struct vs_module){.at = {UINTPTR_MAX, 0},
				 .base = info->dlpi_addr,
				 .path = info->dlpi_name};
	for (int i = 0; i < info->dlpi_phnum; i++) {
		const ElfW(Phdr) *p = &info->dlpi_phdr[i];
		uintptr_t lo = info->dlpi_addr + p->p_vaddr;

		if (p->p_type == PT_DYNAMIC)
			to->dynamic = (const void *)lo;
		if (p->p_type == PT_GNU_EH_FRAME)
			to->frame_hdr = (const void *)lo;
		if (p->p_type != PT_LOAD)
			continue;
		to->at.lo = lo < to->at.lo ? lo : to->at.lo;
		to->at.hi = lo + p->p_memsz > to->at.hi ? lo + p->p_memsz
							: to->at.hi;
	}
}

/* Whether the loader has added the base to what it points to depends on the
 * libc and the CPU. */
static const void *pointer(const struct vs_object *o, const Dyn *entry)
{
	uintptr_t at = entry->d_un.d_ptr;

	return (const void *)(at < o->base ? o->base + at : at);
}

bool vs_object_read(const struct vs_module *module, struct vs_object *o)
{
	const Dyn *entry = module->dynamic;

	*o = (struct vs_object){.base = module->base};
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
