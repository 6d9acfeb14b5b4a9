/* SPDX-License-Identifier: MIT
 * The symbols of the objects that the loader has mapped. */
#ifndef VS_LIBC_INTERNAL_H
#define VS_LIBC_INTERNAL_H

#include <link.h>
#include <stdbool.h>
#include <stdint.h>

#include "libc/module.h"

/* Of one object, by what dl_iterate_phdr() says of it. */
void vs_module_by_list(const struct dl_phdr_info *info,
		       struct vs_module *module);

struct vs_object {
	uintptr_t base;
	const ElfW(Sym) * symbols;
	const char *strings;
	const ElfW(Half) * versions; /* NULL: without */
	const uint32_t *hash;	     /* DT_GNU_HASH; NULL: without */
};

/* False if it has none; object->base is filled in all the same. */
bool vs_object_read(const struct vs_module *module, struct vs_object *object);

#endif
