/* SPDX-License-Identifier: MIT
 * An ELF file's header, segments and notes. */
#include "program/image.h"

#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* More than any program has: node's symbols are 10 MB, its names 30. */
enum { PIECE_MAX = 256 << 20, SEGMENTS_MAX = 1024, NOTES_MAX = 1 << 20 };

void *image_piece(const struct image *image, uint64_t offset, uint64_t size)
{
	char *piece;
	size_t got = 0;

	if (!size || size > PIECE_MAX || offset > image->size ||
	    size > image->size - offset)
		return NULL;
	piece = malloc(size);
	while (piece && got < size) {
		ssize_t n = pread(image->fd, piece + got, size - got,
				  (off_t)(offset + got));

		if (n > 0) {
			got += (size_t)n;
		} else if (n == 0 || errno != EINTR) {
			free(piece); /* it has become shorter */
			piece = NULL;
		}
	}
	return piece;
}

uint64_t image_number(const struct image *image, const void *at, size_t size)
{
	unsigned char bytes[8] = {0};
	uint64_t number = 0;
	bool big = (__BYTE_ORDER__ == __ORDER_BIG_ENDIAN__) != image->swapped;

	memcpy(bytes, at, size);
	for (size_t i = 0; i < size; i++)
		number = number << 8 | bytes[big ? i : size - 1 - i];
	return number;
}

static const unsigned char *segment(const struct image *image, unsigned i)
{
	return image->segments + (size_t)i * image->segment_size;
}

uint64_t image_offset(const struct image *image, uint64_t address)
{
	for (unsigned i = 0; i < image->n_segments; i++) {
		const unsigned char *at = segment(image, i);
		uint64_t start = IMAGE_GET(image, at, Phdr, p_vaddr);
		uint64_t size = IMAGE_GET(image, at, Phdr, p_filesz);
		uint64_t offset = IMAGE_GET(image, at, Phdr, p_offset);

		if (IMAGE_GET(image, at, Phdr, p_type) != PT_LOAD ||
		    address < start || address - start >= size)
			continue;
		/* Past its end if the sum is, or runs over. */
		return offset > image->size ? UINT64_MAX
					    : offset + (address - start);
	}
	return UINT64_MAX;
}

/* "Go", type 4, is in what its linker makes; "vspawn" is base/version.c's. */
static void note(struct image *image, const char *name, uint64_t name_size,
		 const char *text, uint64_t text_size, uint64_t type)
{
	if ((name_size == 3 || name_size == 4) && !memcmp(name, "Go", 3) &&
	    type == 4)
		image->go = true;
	if (name_size == 7 && !memcmp(name, "vspawn", 7) && type == 1 &&
	    text_size < sizeof(image->version)) {
		memcpy(image->version, text, text_size);
		image->version[text_size] = '\0';
	}
}

static void notes(struct image *image, const unsigned char *header)
{
	uint64_t left = IMAGE_GET(image, header, Phdr, p_filesz);
	uint64_t align = IMAGE_GET(image, header, Phdr, p_align) == 8 ? 8 : 4;
	char *piece = NULL, *at;

	if (left <= NOTES_MAX)
		piece = image_piece(
			image, IMAGE_GET(image, header, Phdr, p_offset), left);
	at = piece;
	while (at && left >= sizeof(Elf32_Nhdr)) {
		uint64_t name = image_number(image, at, 4);
		uint64_t text = image_number(image, at + 4, 4);
		uint64_t type = image_number(image, at + 8, 4);
		uint64_t text_at = (12 + name + align - 1) & ~(align - 1);
		uint64_t next = (text_at + text + align - 1) & ~(align - 1);

		/* 32-bit sizes: no sum runs over 64 bits. */
		if (text_at + text > left)
			break;
		note(image, at + 12, name, at + text_at, text, type);
		if (next >= left)
			break;
		at += next;
		left -= next;
	}
	free(piece);
}

static bool interp(struct image *image, const unsigned char *header)
{
	uint64_t size = IMAGE_GET(image, header, Phdr, p_filesz);
	char *piece;

	/* As the kernel has it, fs/binfmt_elf.c. */
	if (size < 2 || size > sizeof(image->interp))
		return false;
	piece = image_piece(image, IMAGE_GET(image, header, Phdr, p_offset),
			    size);
	if (!piece || piece[size - 1]) {
		free(piece);
		return false;
	}
	memcpy(image->interp, piece, size);
	free(piece);
	return true;
}

static bool read_segments(struct image *image, const unsigned char *header)
{
	uint64_t n = IMAGE_GET(image, header, Ehdr, e_phnum);

	image->segment_size =
		(unsigned)IMAGE_GET(image, header, Ehdr, e_phentsize);
	if (!n)
		return true; /* an object file */
	if (image->segment_size != IMAGE_SIZE(image, Phdr) || n > SEGMENTS_MAX)
		return false;
	image->segments =
		image_piece(image, IMAGE_GET(image, header, Ehdr, e_phoff),
			    n * image->segment_size);
	image->n_segments = image->segments ? (unsigned)n : 0;
	for (unsigned i = 0; i < image->n_segments; i++) {
		const unsigned char *at = segment(image, i);
		bool good = true;

		switch (IMAGE_GET(image, at, Phdr, p_type)) {
		case PT_INTERP:
			good = *image->interp || interp(image, at);
			break;
		case PT_NOTE:
			notes(image, at);
			break;
		case PT_DYNAMIC:
			good = image_dynamic(
				image, IMAGE_GET(image, at, Phdr, p_offset),
				IMAGE_GET(image, at, Phdr, p_filesz));
			break;
		}
		if (!good)
			return false;
	}
	return image->segments != NULL;
}

static int read_header(struct image *image)
{
	unsigned char header[sizeof(Elf64_Ehdr)] = {0};
	ssize_t n = pread(image->fd, header, sizeof(header), 0);

	if (n < 0)
		return -errno;
	if (n < SELFMAG || memcmp(header, ELFMAG, SELFMAG) != 0)
		return -ENOEXEC;
	image->is64 = header[EI_CLASS] == ELFCLASS64;
	image->swapped = (header[EI_DATA] == ELFDATA2MSB) !=
			 (__BYTE_ORDER__ == __ORDER_BIG_ENDIAN__);
	if ((!image->is64 && header[EI_CLASS] != ELFCLASS32) ||
	    (size_t)n < IMAGE_SIZE(image, Ehdr))
		return -EBADMSG;
	image->machine = (unsigned)IMAGE_GET(image, header, Ehdr, e_machine);
	image->type = (unsigned)IMAGE_GET(image, header, Ehdr, e_type);
	return read_segments(image, header) ? 0 : -EBADMSG;
}

int image_open(struct image *image, const char *path)
{
	struct stat st;
	int r;

	memset(image, 0, sizeof(*image));
	/* A pipe or a terminal is not waited for. */
	image->fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	if (image->fd < 0)
		return -errno;
	if (fstat(image->fd, &st))
		r = -errno;
	else if (!S_ISREG(st.st_mode))
		r = S_ISDIR(st.st_mode) ? -EISDIR : -EACCES;
	else {
		image->size = (uint64_t)st.st_size;
		r = read_header(image);
	}
	if (r)
		image_close(image);
	return r;
}

void image_close(struct image *image)
{
	if (image->fd > 0)
		close(image->fd);
	free(image->segments);
	free(image->entries);
	free(image->strings);
	image->fd = -1;
	image->segments = image->entries = NULL;
	image->strings = NULL;
	image->n_segments = 0;
	image->n_entries = image->strings_size = 0;
}
