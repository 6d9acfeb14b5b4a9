/* SPDX-License-Identifier: MIT
 *
 * What dlsym() finds, without what it does besides: one that fails allocates,
 * in a fork() that a signal handler calls in the middle of malloc(), too; any
 * takes away what dlerror() was about to say, and waits for a thread that is
 * inside dlopen().
 */
#include <dlfcn.h>
#include <elf.h>
#include <link.h>
#include <stddef.h>
#include <string.h>
#include <sys/auxv.h>

#include "base/image.h"
#include "libc/internal.h"
#include "libc/real.h"

typedef ElfW(Addr) Addr;
typedef ElfW(Sym) Sym;

enum { WORD_BITS = 8 * sizeof(Addr), HIDDEN_VERSION = 0x8000 };

struct search {
	const char *name;
	uint32_t hash;
	bool next; /* behind us */
	bool passed;
	uintptr_t vdso;
	bool special; /* the loader must be asked */
	void *found;
};

static uint32_t gnu_hash(const char *name)
{
	uint32_t h = 5381;

	for (; *name; name++)
		h = h * 33 + (unsigned char)*name;
	return h;
}

/* A hidden version is what old programs ask for: if there is no other. */
static const Sym *find(const struct vs_object *o, const struct search *s)
{
	uint32_t buckets = o->hash[0], first = o->hash[1], words = o->hash[2];
	const Addr *bloom = (const void *)&o->hash[4];
	const uint32_t *bucket = (const void *)&bloom[words], *chain;
	Addr word = bloom[s->hash / WORD_BITS % words];
	const Sym *hidden = NULL;
	uint32_t i;

	chain = bucket + buckets;
	if (!(word >> s->hash % WORD_BITS &
	      word >> (s->hash >> o->hash[3]) % WORD_BITS & 1))
		return NULL;
	i = bucket[s->hash % buckets];
	if (i < first)
		return NULL;
	do {
		const Sym *symbol = &o->symbols[i];

		if ((chain[i - first] ^ s->hash) >> 1 || !symbol->st_value ||
		    symbol->st_shndx == SHN_UNDEF ||
		    strcmp(&o->strings[symbol->st_name], s->name) != 0)
			continue;
		if (!o->versions || !(o->versions[i] & HIDDEN_VERSION))
			return symbol;
		hidden = symbol;
	} while (!(chain[i++ - first] & 1));
	return hidden;
}

/* Called with a lock of the loader's held: dlsym(), which takes another, must
 * wait. */
static int look(struct dl_phdr_info *info, size_t size, void *data)
{
	struct search *s = data;
	struct vs_object o;
	const Sym *symbol;
	struct vs_module module;
	bool known;

	(void)size;
	vs_module_by_list(info, &module);
	known = vs_object_read(&module, &o);
	if (o.base == vs_image().lo) {
		s->passed = true;
		return 0;
	}
	if ((s->next && !s->passed) || !known || o.base == s->vdso)
		return 0;
	symbol = o.hash ? find(&o, s) : NULL;
	if (symbol)
		s->found = (void *)(o.base + symbol->st_value);
	s->special = !o.hash || (symbol && ELF64_ST_TYPE(symbol->st_info) ==
						   STT_GNU_IFUNC);
	return s->special || symbol;
}

static void *search(const char *name, bool next)
{
	struct search s = {.name = name,
			   .hash = gnu_hash(name),
			   .next = next,
			   .vdso = getauxval(AT_SYSINFO_EHDR)};

	dl_iterate_phdr(look, &s);
	/* A program may have a dl_iterate_phdr() that does not know us. */
	if (s.special || (!s.found && !s.passed))
		return dlsym(next ? RTLD_NEXT : RTLD_DEFAULT, name);
	return s.found;
}

void *vs_symbol(const char *name)
{
	return search(name, false);
}

void *vs_next_symbol(const char *name)
{
	return search(name, true);
}
