/* SPDX-License-Identifier: MIT
 * Which object an address is in. */
#ifndef VS_MODULE_H
#define VS_MODULE_H

#include <link.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/range.h"

/* At load, or before the first fork and the first thread: what there is by then
 * is also known in children. */
void vs_module_prepare(void);

/* NULL is what it does not have. */
struct vs_module {
	struct vs_range at;
	uintptr_t base;
	const char *path; /* the loader's; empty: the program */
	const ElfW(Dyn) * dynamic;
	const void *frame_hdr; /* .eh_frame_hdr */
};

/* Of the object that the code at `address` is in, to which the caller of a
 * public function is to return, so that it cannot be unloaded meanwhile. False
 * if it is in none. libc's fork() does not wait for a thread that is inside
 * dl_iterate_phdr(), which holds a lock for as long as it likes; so neither
 * does this with glibc 2.35 and newer, nor with others for objects of the
 * start. Those that were loaded later are not found there in the child of a
 * fork, where nobody might release that lock. */
bool vs_module_at(uintptr_t address, struct vs_module *module);

/* The path of such an object, or the end of that, with a NUL; and the offset,
 * as its own symbols have it. */
bool vs_module_of(uintptr_t address, char *path, size_t room,
		  uintptr_t *offset);

/* In the child of a native fork. */
void vs_module_reset(void);

#endif
