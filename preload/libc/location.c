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

static void describe(const struct vs_module *in, uintptr_t address,
		     struct vs_location *to)
{
	struct vs_line module = vs_line_in(to->module, sizeof(to->module)),
		       name = vs_line_in(to->symbol, sizeof(to->symbol));
	struct vs_object o;
	const Sym *symbol = NULL;

	to->offset = address - in->base;
	to->into = 0;
	vs_line_put(&module, in->path ? in->path : "");
	if (vs_object_read(in, &o) && o.hash)
		symbol = symbol_at(&o, to->offset);
	if (!symbol)
		return;
	vs_line_put(&name, o.strings + symbol->st_name);
	to->into = to->offset - symbol->st_value;
}

static int look(struct dl_phdr_info *info, size_t size, void *data)
{
	const struct question *q = data;
	struct vs_module in;

	(void)size;
	if (!holds(info, q->address))
		return 0;
	vs_module_by_list(info, &in);
	describe(&in, q->address, q->to);
	return 1;
}

bool vs_locate(uintptr_t address, struct vs_location *to)
{
	struct question q = {address, to};

	return dl_iterate_phdr(look, &q);
}

bool vs_locate_caller(uintptr_t address, struct vs_location *to)
{
	struct vs_module in;

	if (!vs_module_at(address, &in))
		return false;
	describe(&in, address, to);
	return true;
}
