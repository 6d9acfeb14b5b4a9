/* SPDX-License-Identifier: MIT
 *
 * The real functions behind the entry points: what the program would have
 * called without us. They are looked up on first use and then kept for good;
 * no lookup changes errno, and all but those of objects without DT_GNU_HASH
 * (MIPS) are made in the loader's list, see symbol.c.
 */
#ifndef VS_REAL_H
#define VS_REAL_H

#include <stdbool.h>

enum vs_entry {
#define ENTRY(name, kind) VS_ENTRY_##name,
#include "entry/entry.def"
#undef ENTRY
	VS_ENTRIES
};

typedef void (*vs_function)(void);

/* The next definition of an entry point after ours, or NULL if there is none.
 */
vs_function vs_real_lookup(enum vs_entry entry);

/* VS_REAL(fork)() calls the real fork. */
#define VS_REAL(name) \
	(__extension__(__typeof__(&name)) vs_real_lookup(VS_ENTRY_##name))

/* The same for one that was in `library` before glibc 2.34, which only a plugin
 * may have loaded, out of the main program's sight. */
vs_function vs_real_in(enum vs_entry entry, const char *library);

/* Whether the real function is another library's (a logger's execve(),
 * fakechroot's posix_spawn()), not libc's: then the call has to reach it. */
bool vs_interposed(enum vs_entry entry);

/* Whether it is in libc itself, or in the libpthread of glibc before 2.34. */
bool vs_of_libc(const void *function);

/* Looks all entry points up, once. What has not been found by then is not
 * there: nothing is looked up any more. */
void vs_real_prepare(void);

/* What dlsym(RTLD_DEFAULT) and dlsym(RTLD_NEXT) find, or NULL; also in objects
 * that were loaded with RTLD_LOCAL, if it is nowhere before. Of several
 * versions the newest, as a program gets that is linked today. No memory is
 * allocated, and dlerror() says what it would have said; but an object without
 * DT_GNU_HASH, or an indirect function, is left to dlsym(). */
void *vs_symbol(const char *name);
void *vs_next_symbol(const char *name);

#endif
