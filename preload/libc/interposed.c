/* SPDX-License-Identifier: MIT
 *
 * Other libraries between us and libc: a logger's execve(), fakechroot's
 * posix_spawn(). The program's calls have to reach them.
 */
#include <link.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <string.h>

#include "base/compiler.h"
#include "libc/real.h"

/* libc, and before glibc 2.34 libpthread and libutil, which have some of its
 * functions: forkpty() the latter. */
enum { PARTS = 3 };

struct libc {
	uintptr_t inside; /* an address in libc */
	int n;
	struct part {
		uintptr_t lo, hi;
	} part[PARTS];
};

static bool holds(const struct libc *libc, uintptr_t address)
{
	for (int i = 0; i < libc->n; i++) {
		if (address >= libc->part[i].lo && address < libc->part[i].hi)
			return true;
	}
	return false;
}

static int look(struct dl_phdr_info *object, size_t size, void *data)
{
	struct libc *libc = data, one = {.n = 1};
	struct part *part = &one.part[0];

	(void)size;
	part->lo = UINTPTR_MAX;
	for (int i = 0; i < object->dlpi_phnum; i++) {
		const ElfW(Phdr) *p = &object->dlpi_phdr[i];
		uintptr_t at = object->dlpi_addr + p->p_vaddr;

		if (p->p_type != PT_LOAD)
			continue;
		if (at < part->lo)
			part->lo = at;
		if (at + p->p_memsz > part->hi)
			part->hi = at + p->p_memsz;
	}
	if (libc->n < PARTS && (holds(&one, libc->inside) ||
				strstr(object->dlpi_name, "/libpthread") ||
				strstr(object->dlpi_name, "/libutil.so")))
		libc->part[libc->n++] = *part;
	return 0;
}

bool vs_of_libc(const void *function)
{
	static struct libc libc;
	static _Atomic bool known;
	struct libc found = {0};

	if (vs_unlikely(!known)) {
		/* Not &getauxval: that may be in the program, which comes
		 * before us. */
		found.inside = (uintptr_t)vs_next_symbol("getauxval");
		dl_iterate_phdr(look, &found);
		/* Two threads may do this at once: they find the same. */
		libc = found;
		known = true;
	}
	return holds(&libc, (uintptr_t)function);
}

bool vs_interposed(enum vs_entry entry)
{
	vs_function next = vs_real_lookup(entry);

	return next && !vs_of_libc(*(void **)&next);
}
