/* SPDX-License-Identifier: MIT
 * See real.h. */
#include "libc/real.h"

#include <dlfcn.h>
#include <errno.h>
#include <stdatomic.h>
#include <stddef.h>

#include "base/compiler.h"

/* Not pointers, which would be relocated at each load. */
static const char names[VS_ENTRIES][48] = {
#define ENTRY(name, kind) [VS_ENTRY_##name] = #name,
#include "entry/entry.def"
#undef ENTRY
};

static _Atomic(vs_function) real[VS_ENTRIES];
static _Atomic bool prepared;

static void keep(enum vs_entry entry, vs_function function)
{
	atomic_store_explicit(&real[entry], function, memory_order_release);
}

/* Two threads may look the same symbol up; they find the same. */
__attribute__((cold)) static vs_function lookup(enum vs_entry entry)
{
	vs_function function = NULL;
	int saved = errno;

	/* POSIX has dlsym() give functions so. */
	*(void **)&function = vs_next_symbol(names[entry]);
	keep(entry, function);
	errno = saved;
	return function;
}

vs_function vs_real_lookup(enum vs_entry entry)
{
	vs_function found =
		atomic_load_explicit(&real[entry], memory_order_acquire);

	if (vs_likely(found != NULL) || prepared)
		return found;
	return lookup(entry);
}

vs_function vs_real_in(enum vs_entry entry, const char *library)
{
	vs_function found = vs_real_lookup(entry);
	void *(*open)(const char *, int), *handle;

	if (vs_likely(found != NULL))
		return found;
	open = __extension__(__typeof__(open)) vs_symbol("dlopen");
	handle = open ? open(library, RTLD_LAZY) : NULL;
	if (handle) {
		*(void **)&found = dlsym(handle, names[entry]);
		keep(entry, found);
	}
	return found;
}

void vs_real_prepare(void)
{
	for (int entry = 0; entry < VS_ENTRIES; entry++)
		vs_real_lookup((enum vs_entry)entry);
	prepared = true;
}
