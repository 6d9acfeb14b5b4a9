/* SPDX-License-Identifier: MIT
 * The real functions behind the entry points. */
#include <dlfcn.h>
#include <errno.h>
#include <link.h>
#include <stdatomic.h>
#include <stddef.h>
#include <sys/auxv.h>
#include <time.h>

#include "entry/env.h"
#include "port.h"
#include "entry/spawn/shell.h"
#include "txn/txn.h"
#include "base/vspawn.h"

/* Not pointers, which would be relocated at each load. */
static const char names[VS_ENTRIES][48] = {
#define ENTRY(name, kind) [VS_ENTRY_##name] = #name,
#include "entry/entry.def"
#undef ENTRY
};

const char *vs_entry_name(enum vs_entry entry)
{
	return names[entry];
}

static _Atomic(vs_function) real[VS_ENTRIES];

/* Two threads may look the same symbol up; they find the same. */
__attribute__((cold)) static vs_function lookup(enum vs_entry entry)
{
	vs_function function = NULL;
	int saved = errno;

	/* POSIX has dlsym() give functions so. */
	*(void **)&function = vs_next_symbol(names[entry]);
	atomic_store_explicit(&real[entry], function, memory_order_release);
	errno = saved;
	return function;
}

/* All have been looked up: one that is not known is not there. */
static _Atomic bool looked;

vs_function vs_real_lookup(enum vs_entry entry)
{
	vs_function found =
		atomic_load_explicit(&real[entry], memory_order_acquire);

	if (vs_likely(found != NULL) || looked)
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
		atomic_store_explicit(&real[entry], found,
				      memory_order_release);
	}
	return found;
}

int vs_glibc_minor(void)
{
	static _Atomic int minor = -1;
	const char *(*version)(void);
	int n = 0;

	if (vs_likely(minor >= 0))
		return minor;
	version = __extension__(__typeof__(version))
		vs_symbol("gnu_get_libc_version");
	if (version) {
		/* "2.36"; a development version has more behind it */
		for (const char *at = version() + 2; *at >= '0' && *at <= '9';)
			n = n * 10 + (*at++ - '0');
	}
	minor = n;
	return n;
}

/* glibc clears what it points to before the second thread starts. */
static const char *single_threaded;

static const ptrdiff_t *rseq_offset;

static const struct r_debug *debug;

static uintptr_t stack_top;

/* The child of a true fork must look nothing up: another thread may hold the
 * loader's lock at the time of the fork, and then nobody ever releases it. Nor
 * must a new thread: its creator may have that lock, and wait for it. */
__attribute__((cold)) static void look_all_up(void)
{
	for (int entry = 0; entry < VS_ENTRIES; entry++)
		vs_real_lookup((enum vs_entry)entry);
	vs_interposed(VS_ENTRY_fork);
	vs_glibc_minor();
	vs_instrumented();
	if (vs_config.children)
		vs_env_prepare();
	if (vs_shell_ours())
		vs_shell_libc();
	single_threaded = vs_symbol("__libc_single_threaded");
	rseq_offset = vs_symbol("__rseq_offset");
	debug = vs_symbol("_r_debug");
	/* The kernel puts the random bytes above everything it passes. */
	stack_top = getauxval(AT_RANDOM);
	looked = true;
}

void vs_libc_prepare(void)
{
	if (vs_unlikely(!looked))
		look_all_up();
}

long vs_rseq_offset(void)
{
	return rseq_offset ? *rseq_offset : 0;
}

uintptr_t vs_stack_top(void)
{
	return stack_top;
}

bool vs_single_threaded(void)
{
	return single_threaded && *single_threaded;
}

/* The version of the list that debuggers read: 2 when there is a list for each
 * namespace, from then on. */
bool vs_other_libc(void)
{
	return debug && debug->r_version > 1;
}

uint64_t vs_now_ns(void)
{
	unsigned long now[2] = {0, 0}; /* seconds, nanoseconds */

	vs_sys(SYS_clock_gettime, CLOCK_MONOTONIC, now);
	return (uint64_t)now[0] * 1000000000 + now[1];
}

long vs_return(long result)
{
	if (vs_unlikely(result < 0 && result >= -4095)) {
		errno = (int)-result;
		return -1;
	}
	return result;
}
