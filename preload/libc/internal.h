/* SPDX-License-Identifier: MIT
 * The symbols of an object in the loader's list. */
#ifndef VS_LIBC_INTERNAL_H
#define VS_LIBC_INTERNAL_H

#include <link.h>
#include <stdbool.h>
#include <stdint.h>

struct vs_object {
	uintptr_t base;
	const ElfW(Sym) * symbols;
	const char *strings;
	const ElfW(Half) * versions; /* NULL: without */
	const uint32_t *hash;	     /* DT_GNU_HASH; NULL: without */
};

/* False if it has none; object->base is filled in all the same. */
bool vs_object_read(const struct dl_phdr_info *info, struct vs_object *object);

#endif
