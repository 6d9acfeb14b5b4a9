/* SPDX-License-Identifier: MIT
 * Call sites in words. */
#include <string.h>

#include "output.h"

static const struct live_file *of;

void site_of(const struct live_file *file)
{
	of = file;
}

static const char *file_of(const struct vs_place *place)
{
	return *place->module ? place->module : of->data.executable;
}

const char *site_name(const struct vs_place *place)
{
	static char text[PATH_MAX];
	const char *file = file_of(place), *slash = strrchr(file, '/');

	if (!place->offset)
		snprintf(text, sizeof(text), "0x%llx",
			 (unsigned long long)place->address);
	else
		snprintf(text, sizeof(text), "%s+0x%llx",
			 slash ? slash + 1 : file,
			 (unsigned long long)place->offset);
	return text;
}

/* What it returns to is behind the call. */
const char *site_symbol(const struct vs_place *place)
{
	if (!place->offset || !of)
		return NULL;
	return elf_symbol(file_of(place), place->offset - 1);
}
