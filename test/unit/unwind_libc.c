/* SPDX-License-Identifier: MIT
 * libc/unwind/ over all of libc: which entry is whose, and that nearly all are
 * understood. */
#include <link.h>
#include <stdlib.h>

#include "port.h"
#include "libc/unwind/unwind.h"
#include "libc/unwind/unwind_rules.h"
#include "unit.h"

#if VS_ARCH_SHARE

struct object {
	uintptr_t inside;
	struct vs_text text;
};

static int find_object(struct dl_phdr_info *info, size_t size, void *arg)
{
	struct object *o = arg;
	bool here = false;

	(void)size;
	for (int i = 0; i < info->dlpi_phnum; i++) {
		const ElfW(Phdr) *p = &info->dlpi_phdr[i];
		uintptr_t at = info->dlpi_addr + p->p_vaddr;

		if (p->p_type == PT_GNU_EH_FRAME)
			o->text.hdr = (const unsigned char *)at;
		if (p->p_type != PT_LOAD || !(p->p_flags & PF_X) ||
		    o->inside - at >= p->p_memsz)
			continue;
		o->text.start = at;
		o->text.end = at + p->p_memsz;
		here = true;
	}
	return here;
}

static int32_t s32_at(const unsigned char *at)
{
	return (int32_t)vs_u32(at);
}

START_TEST(all_of_libc)
{
	struct object libc = {.inside = (uintptr_t)qsort};
	unsigned n, understood = 0, places = 0, by_sp = 0;

	ck_assert(dl_iterate_phdr(find_object, &libc));
	n = vs_u32(libc.text.hdr + 8);
	ck_assert_uint_gt(n, 1000);
	for (unsigned i = 0; i < n; i++) {
		const unsigned char *entry = libc.text.hdr + 12 + 8UL * i;
		uintptr_t start = (uintptr_t)libc.text.hdr +
				  (uintptr_t)(intptr_t)s32_at(entry);
		const unsigned char *fde = libc.text.hdr + s32_at(entry + 4);
		uint32_t size = vs_u32(fde + 12);
		struct vs_unwind_rules rules;

		if (vs_within_function(&libc.text, start) ||
		    vs_within_function(&libc.text, start + size))
			ck_abort_msg("function %u", i);
		if (size > 1 && !vs_within_function(&libc.text, start + 1))
			ck_abort_msg("function %u", i);
		for (uint32_t at = 0; at < size; at += 1 + size / 7) {
			places++;
			if (!vs_unwind_rules(fde, start, start + at, &rules))
				continue;
			understood++;
			by_sp += rules.cfa_reg == VS_DWARF_SP;
		}
	}
	/* The rest is written by hand. */
	ck_assert_uint_gt(understood, places / 100 * 98);
	ck_assert_uint_gt(by_sp, places / 2);
}
END_TEST

UNIT(unwind_libc, all_of_libc)

#else

int main(void)
{
	puts("no --fork=share on this CPU");
	return 77;
}

#endif
