/* SPDX-License-Identifier: MIT
 * The real functions behind the entry points. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <stdatomic.h>
#include <stddef.h>

#include "port.h"
#include "vspawn.h"

static const char *const names[VS_ENTRIES] = {
#define ENTRY(name, kind) [VS_ENTRY_##name] = #name,
#include "entry.def"
#undef ENTRY
};

static _Atomic(void *) real[VS_ENTRIES];

/* Symbols of which libc has an old and a new version: dlsym(RTLD_NEXT) took
 * the oldest before glibc 2.36. */
static const char *new_version(enum vs_entry entry)
{
	switch (entry) {
	case VS_ENTRY_posix_spawn:
	case VS_ENTRY_posix_spawnp:
		return "GLIBC_2.15";
	default:
		return NULL;
	}
}

/* A failing dlsym() allocates, and sets dlerror()'s text: the first lookup of
 * a symbol that libc lacks does so, natively none would; nothing else can be
 * seen. Two threads may look the same symbol up; they find the same. */
__attribute__((cold)) static void *lookup(enum vs_entry entry)
{
	int saved = errno;
	void *found = NULL;

	if (new_version(entry))
		found = dlvsym(RTLD_NEXT, names[entry], new_version(entry));
	if (!found)
		found = dlsym(RTLD_NEXT, names[entry]);
	atomic_store_explicit(&real[entry], found, memory_order_release);
	errno = saved;
	return found;
}

void *vs_real_lookup(enum vs_entry entry)
{
	void *found = atomic_load_explicit(&real[entry], memory_order_acquire);

	return vs_likely(found != NULL) ? found : lookup(entry);
}

long vs_return(long result)
{
	if (vs_unlikely(result < 0 && result >= -4095)) {
		errno = (int)-result;
		return -1;
	}
	return result;
}
