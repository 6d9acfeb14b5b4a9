/* SPDX-License-Identifier: MIT
 * What is at an address, for people. */
#ifndef VS_LOCATION_H
#define VS_LOCATION_H

#include <stdbool.h>
#include <stdint.h>

struct vs_location {
	uintptr_t offset; /* in the module, as its own tables count */
	uintptr_t into;	  /* bytes behind the symbol */
	char module[256]; /* path; empty: the program itself */
	char symbol[256]; /* of those that can be linked to; empty: none */
};

/* Asks the loader's list for a short time; for the symbol goes through all of
 * one object. No allocation. False if `address` is in no object. */
bool vs_locate(uintptr_t address, struct vs_location *to);

/* The same of code that is to be returned to, so that its object cannot be
 * unloaded meanwhile: as vs_module_at(), without a lock of the loader's. */
bool vs_locate_caller(uintptr_t address, struct vs_location *to);

#endif
