/* SPDX-License-Identifier: MIT
 * An ELF file's dynamic section: what it needs, by name. */
#include <elf.h>
#include <stdlib.h>
#include <string.h>

#include "program/image.h"

enum { ENTRIES_MAX = 1 << 16 };

static const unsigned char *entry(const struct image *image, uint64_t i)
{
	return image->entries + i * IMAGE_SIZE(image, Dyn);
}

static uint64_t tag(const struct image *image, uint64_t i)
{
	return IMAGE_GET(image, entry(image, i), Dyn, d_tag);
}

static uint64_t value(const struct image *image, uint64_t i)
{
	return IMAGE_GET(image, entry(image, i), Dyn, d_un);
}

static bool find(const struct image *image, uint64_t wanted, uint64_t *found)
{
	for (uint64_t i = 0; i < image->n_entries; i++) {
		if (tag(image, i) == wanted) {
			*found = value(image, i);
			return true;
		}
	}
	return false;
}

/* The string table, once it is wanted. */
static void read_strings(struct image *image)
{
	uint64_t at, length;

	if (image->strings || !find(image, DT_STRTAB, &at) ||
	    !find(image, DT_STRSZ, &length))
		return;
	image->strings = image_piece(image, image_offset(image, at), length);
	if (!image->strings)
		return;
	image->strings[length - 1] = '\0';
	image->strings_size = length;
}

static const char *string(const struct image *image, uint64_t at)
{
	if (at >= image->strings_size)
		return NULL;
	return image->strings + at;
}

bool image_dynamic(struct image *image, uint64_t offset, uint64_t size)
{
	uint64_t n = size / IMAGE_SIZE(image, Dyn);

	if (image->dynamic || n > ENTRIES_MAX)
		return false;
	image->dynamic = true;
	image->entries = image_piece(image, offset, size);
	if (!image->entries)
		return size == 0;
	image->n_entries = n;
	for (uint64_t i = 0; i < n; i++) {
		if (tag(image, i) == DT_NULL)
			image->n_entries = i;
		if (i >= image->n_entries)
			break;
	}
	return true;
}

void image_needed(struct image *image, image_name *each, void *arg)
{
	read_strings(image);
	for (uint64_t i = 0; i < image->n_entries; i++) {
		const char *name = NULL;

		if (tag(image, i) == DT_NEEDED)
			name = string(image, value(image, i));
		if (name)
			each(arg, name);
	}
}

const char *image_soname(struct image *image)
{
	const char *name = NULL;
	uint64_t at;

	read_strings(image);
	if (find(image, DT_SONAME, &at))
		name = string(image, at);
	return name ? name : "";
}

/* The symbols before this one may be undefined. DT_GNU_HASH has only those
 * that are defined, which come last; DT_HASH has all. */
static uint64_t n_symbols(const struct image *image)
{
	uint64_t at, n = 0;
	/* The one CPU whose 64-bit DT_HASH has 64-bit words (and Alpha). */
	size_t word = image->is64 && image->machine == EM_S390 ? 8 : 4;
	unsigned char *header = NULL;

	if (find(image, DT_GNU_HASH, &at)) {
		header = image_piece(image, image_offset(image, at), 16);
		if (header)
			n = image_number(image, header + 4, 4);
	} else if (find(image, DT_HASH, &at)) {
		header = image_piece(image, image_offset(image, at), 2 * word);
		if (header)
			n = image_number(image, header + word, word);
	}
	free(header);
	return n;
}

void image_imports(struct image *image, image_name *each, void *arg)
{
	size_t size = IMAGE_SIZE(image, Sym);
	uint64_t at, n = n_symbols(image);
	unsigned char *symbols;

	if (!find(image, DT_SYMTAB, &at) || n > UINT32_MAX)
		return;
	read_strings(image);
	symbols = image_piece(image, image_offset(image, at), n * size);
	for (uint64_t i = 0; symbols && i < n; i++) {
		const unsigned char *symbol = symbols + i * size;
		const char *name =
			string(image, IMAGE_GET(image, symbol, Sym, st_name));

		if (IMAGE_GET(image, symbol, Sym, st_shndx) == SHN_UNDEF &&
		    name && *name)
			each(arg, name);
	}
	free(symbols);
}
