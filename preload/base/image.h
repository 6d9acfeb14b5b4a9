/* SPDX-License-Identifier: MIT
 * Where this library lies in memory, as the linker knows it. */
#ifndef VS_IMAGE_H
#define VS_IMAGE_H

#include "base/range.h"

extern const char __ehdr_start[] __attribute__((visibility("hidden")));
extern const char _end[] __attribute__((visibility("hidden")));

/* From the ELF header to the end of .bss. Nothing in it is executable but the
 * library's own text. */
static inline struct vs_range vs_image(void)
{
	return (struct vs_range){(uintptr_t)__ehdr_start, (uintptr_t)_end};
}

#endif
