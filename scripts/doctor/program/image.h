/* SPDX-License-Identifier: MIT
 *
 * An ELF file of any class, byte order and machine, that nobody vouches for:
 * each offset and size is compared with the file's before it is used.
 */
#ifndef IMAGE_H
#define IMAGE_H

#include <limits.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct image {
	int fd;
	uint64_t size;
	bool is64, swapped;
	unsigned machine, type;
	bool dynamic;	       /* it has a dynamic section */
	bool go;	       /* it has Go's build id */
	char interp[PATH_MAX]; /* the loader it names, or "" */
	char version[32];      /* vspawn's, if it is libvspawn.so */

	unsigned char *segments, *entries;
	unsigned n_segments, segment_size;
	uint64_t n_entries;
	char *strings; /* read when first wanted: of node, 5 MB */
	uint64_t strings_size;
};

typedef void image_name(void *arg, const char *name);

/* 0; -ENOEXEC: not ELF; -EBADMSG: broken; else why it cannot be read. */
int image_open(struct image *image, const char *path);
void image_close(struct image *image);

/* dynamic.c */
bool image_dynamic(struct image *image, uint64_t offset, uint64_t size);
/* Each library that it needs, and its own name (DT_SONAME). */
void image_needed(struct image *image, image_name *each, void *arg);
const char *image_soname(struct image *image);
/* Each symbol that it wants from others. */
void image_imports(struct image *image, image_name *each, void *arg);

/* A copy of that much of the file, to be freed; NULL if there is not so much,
 * or it is more than a sane file has. */
void *image_piece(const struct image *image, uint64_t offset, uint64_t size);
/* Where the file has what is loaded at `address`; UINT64_MAX if nowhere. */
uint64_t image_offset(const struct image *image, uint64_t address);
uint64_t image_number(const struct image *image, const void *at, size_t size);

/* A member of one of <elf.h>'s structs that lies at `at`, by the class. */
#define IMAGE_GET(image, at, type, member)                           \
	((image)->is64 ? IMAGE_GET_(image, at, Elf64_##type, member) \
		       : IMAGE_GET_(image, at, Elf32_##type, member))
#define IMAGE_GET_(image, at, type, member)                              \
	image_number(image, (const char *)(at) + offsetof(type, member), \
		     sizeof(((type *)NULL)->member))
#define IMAGE_SIZE(image, type) \
	((image)->is64 ? sizeof(Elf64_##type) : sizeof(Elf32_##type))

#endif
