/* SPDX-License-Identifier: MIT
 * Names of functions, from the symbol tables of a file of either class. Nothing
 * in it is believed: every offset is looked at before it is followed. */
#include <elf.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "output.h"

struct file {
	const unsigned char *at;
	size_t size;
};

/* The best so far. */
struct found {
	uint64_t value, size;
	const char *name;
};

static bool inside(const struct file *f, uint64_t offset, uint64_t n)
{
	return offset <= f->size && n <= f->size - offset;
}

/* That covers the address; or of those without a size the last before it. */
static void consider(struct found *best, uint64_t address, uint64_t value,
		     uint64_t size, const char *name)
{
	bool covers = address >= value && address - value < size;

	if (!covers && (size || value > address))
		return;
	if (best->name && (best->size ? !covers : value < best->value))
		return;
	*best = (struct found){value, covers ? size : 0, name};
}

/* The same for both classes. */
#define READ_CLASS(BITS)                                                      \
	static void table_##BITS(const struct file *f,                        \
				 const Elf##BITS##_Shdr *t,                   \
				 const Elf##BITS##_Shdr *s, uint64_t address, \
				 struct found *best)                          \
	{                                                                     \
		const Elf##BITS##_Sym *symbol =                               \
			(const void *)(f->at + t->sh_offset);                 \
		const char *names = (const char *)f->at + s->sh_offset;       \
                                                                              \
		for (size_t i = 0; i < t->sh_size / sizeof(*symbol); i++) {   \
			const Elf##BITS##_Sym *y = &symbol[i];                \
                                                                              \
			if ((y->st_info & 15) != STT_FUNC || !y->st_shndx ||  \
			    y->st_name >= s->sh_size)                         \
				continue;                                     \
			consider(best, address, y->st_value, y->st_size,      \
				 names + y->st_name);                         \
		}                                                             \
	}                                                                     \
                                                                              \
	static void tables_##BITS(const struct file *f, uint64_t address,     \
				  struct found *best)                         \
	{                                                                     \
		const Elf##BITS##_Ehdr *e = (const void *)f->at;              \
		const Elf##BITS##_Shdr *sections, *t, *s;                     \
                                                                              \
		if (e->e_shentsize != sizeof(*sections) ||                    \
		    e->e_shoff % (BITS / 8) ||                                \
		    !inside(f, e->e_shoff, sizeof(*t) * e->e_shnum))          \
			return;                                               \
		sections = (const void *)(f->at + e->e_shoff);                \
		for (unsigned i = 0; i < e->e_shnum; i++) {                   \
			t = &sections[i];                                     \
			if ((t->sh_type != SHT_SYMTAB &&                      \
			     t->sh_type != SHT_DYNSYM) ||                     \
			    t->sh_link >= e->e_shnum)                         \
				continue;                                     \
			s = &sections[t->sh_link];                            \
			if (t->sh_offset % (BITS / 8) || !s->sh_size ||       \
			    !inside(f, t->sh_offset, t->sh_size) ||           \
			    !inside(f, s->sh_offset, s->sh_size) ||           \
			    f->at[s->sh_offset + s->sh_size - 1])             \
				continue;                                     \
			table_##BITS(f, t, s, address, best);                 \
		}                                                             \
	}

READ_CLASS(32)
READ_CLASS(64)

static const char *copy_name(const struct found *best)
{
	static char name[256];
	size_t n = 0;

	if (!best->name)
		return NULL;
	for (; best->name[n] && n < sizeof(name) - 1; n++)
		name[n] = best->name[n] < ' ' ? '?' : best->name[n];
	name[n] = '\0';
	return name;
}

const char *elf_symbol(const char *path, uint64_t address)
{
	int fd = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	const char *name = NULL;
	struct found best = {0};
	struct file f = {0};
	struct stat st;
	void *map;

	if (fd < 0)
		return NULL;
	if (!fstat(fd, &st) && S_ISREG(st.st_mode) &&
	    st.st_size >= (off_t)sizeof(Elf64_Ehdr)) {
		f.size = (size_t)st.st_size;
		map = mmap(NULL, f.size, PROT_READ, MAP_PRIVATE, fd, 0);
		if (map != MAP_FAILED) {
			f.at = map;
			if (!memcmp(f.at, ELFMAG, SELFMAG) &&
			    f.at[EI_CLASS] == ELFCLASS64)
				tables_64(&f, address, &best);
			else if (!memcmp(f.at, ELFMAG, SELFMAG))
				tables_32(&f, address, &best);
			name = copy_name(&best);
			munmap(map, f.size);
		}
	}
	close(fd);
	return name;
}
