/* SPDX-License-Identifier: MIT
 * See location.h. dladdr() would wait for a thread that is inside dlopen(). */
#include "libc/location.h"

#include <elf.h>
#include <stddef.h>

#include "base/line.h"
#include "libc/internal.h"

typedef ElfW(Addr) Addr;
typedef ElfW(Sym) Sym;

struct question {
	uintptr_t address;
	struct vs_location *to;
};

static bool holds(const struct dl_phdr_info *info, uintptr_t address)
{
	for (int i = 0; i < info->dlpi_phnum; i++) {
		const ElfW(Phdr) *p = &info->dlpi_phdr[i];

		if (p->p_type == PT_LOAD &&
		    address - (info->dlpi_addr + p->p_vaddr) < p->p_memsz)
			return true;
	}
	return false;
}

/* The nearest before it: objects may be inside each other. */
static void consider(const Sym *symbol, uintptr_t offset, const Sym **best)
{
	unsigned type = ELF64_ST_TYPE(symbol->st_info);

	if ((type == STT_FUNC || type == STT_OBJECT || type == STT_GNU_IFUNC) &&
	    symbol->st_shndx != SHN_UNDEF && offset >= symbol->st_value &&
	    offset - symbol->st_value < symbol->st_size &&
	    (!*best || symbol->st_value > (*best)->st_value))
		*best = symbol;
}

static const Sym *symbol_at(const struct vs_object *o, uintptr_t offset)
{
	uint32_t buckets = o->hash[0], first = o->hash[1], words = o->hash[2];
	const Addr *bloom = (const void *)&o->hash[4];
	const uint32_t *bucket = (const void *)&bloom[words];
	const uint32_t *chain = bucket + buckets;
	const Sym *best = NULL;

	for (uint32_t b = 0; b < buckets; b++) {
		uint32_t i = bucket[b];

		if (i < first)
			continue;
		do
			consider(&o->symbols[i], offset, &best);
		while (!(chain[i++ - first] & 1));
	}
	return best;
}

static int look(struct dl_phdr_info *info, size_t size, void *data)
{
	const struct question *q = data;
	struct vs_location *to = q->to;
	struct vs_line module, name;
	struct vs_object o;
	const Sym *symbol;

	(void)size;
	if (!holds(info, q->address))
		return 0;
	to->offset = q->address - info->dlpi_addr;
	module = vs_line_in(to->module, sizeof(to->module));
	vs_line_put(&module, info->dlpi_name ? info->dlpi_name : "");
	symbol = vs_object_read(info, &o) && o.hash ? symbol_at(&o, to->offset)
						    : NULL;
	if (!symbol)
		return 1;
	name = vs_line_in(to->symbol, sizeof(to->symbol));
	vs_line_put(&name, o.strings + symbol->st_name);
	to->into = to->offset - symbol->st_value;
	return 1;
}

bool vs_locate(uintptr_t address, struct vs_location *to)
{
	struct question q = {address, to};

	*to->module = *to->symbol = '\0';
	to->into = 0;
	return dl_iterate_phdr(look, &q);
}
