/* SPDX-License-Identifier: MIT
 * Which object an address is in. */
#ifndef VS_MODULE_H
#define VS_MODULE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* At load: what there is by then is also known in children. */
void vs_module_prepare(void);

/* Its path, or the end of that, with a NUL; empty for the main program. And the
 * offset, as the object's own symbols have it. False if it is in none, or has
 * been loaded later and this is the child of a fork, in which the loader's lock
 * may be held for ever. */
bool vs_module_of(uintptr_t address, char *path, size_t room,
		  uintptr_t *offset);

/* In the child of a native fork. */
void vs_module_reset(void);

#endif
