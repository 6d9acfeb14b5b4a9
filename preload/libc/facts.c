/* SPDX-License-Identifier: MIT
 * See facts.h. Raw symbols, found at run time: what libc has differs by its
 * version, and an import that is missing would keep the program from starting.
 */
#include "libc/facts.h"

#include <errno.h>
#include <link.h>
#include <sched.h>
#include <stdatomic.h>
#include <stddef.h>
#include <sys/auxv.h>
#include <time.h>

#include "base/compiler.h"
#include "kernel/sys.h"
#include "libc/module.h"
#include "libc/places.h"
#include "libc/real.h"
#include "libc/threads.h"
#include "port.h"

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

bool vs_libc_shell_forks(void)
{
	int minor = vs_glibc_minor();

	return minor > 0 && minor < 29;
}

bool vs_libc_ignores_own(void)
{
	int minor = vs_glibc_minor();

	return minor >= 24 && minor < 38;
}

/* Tools that watch or move every memory access or system call themselves. What
 * shows them, the last for valgrind: its variables may be gone from the
 * environment.
 */
static const char instruments[][16] = {
	"__asan_init", "__hwasan_init", "__msan_init",
	"__tsan_init", "_vgnU_freeres",
};

static bool find_instruments(void)
{
	int saved = errno;
	bool found = false;

	for (size_t i = 0; i < VS_COUNT(instruments); i++)
		found = found || vs_symbol(instruments[i]);
	/* Linked statically by gcc, they export nothing but what they replace
	 * in libc, and this nobody else replaces. */
	found = found ||
		vs_symbol("__tls_get_addr") != vs_next_symbol("__tls_get_addr");
	errno = saved;
	return found;
}

bool vs_instrumented(void)
{
	static _Atomic int known; /* 0: not asked yet, 1: no, 2: yes */

	if (!known)
		known = find_instruments() ? 2 : 1;
	return known == 2;
}

/* From the thread pointer; NULL or 0 where nothing is registered. */
static const ptrdiff_t *rseq_offset;
static const unsigned *rseq_size;

/* Bytes of static TLS on either side of the thread pointer. */
static struct {
	uintptr_t below, above;
} tls;

static const struct r_debug *debug;
static uintptr_t stack_top;

/* musl has a pointer to it. */
static void find_debug(void)
{
	const struct r_debug *const *of_musl;

	debug = vs_symbol("_r_debug");
	of_musl = debug ? NULL : vs_symbol("_dl_debug_addr");
	if (of_musl)
		debug = *of_musl;
}

/* NULL: not looked up, or not libc's. */
static int (*clock_of_libc)(clockid_t, struct timespec *);

uint64_t vs_time_ns(clockid_t clock)
{
	struct timespec now;

	if (!clock_of_libc || clock_of_libc(clock, &now))
		return vs_clock_ns(clock);
	return (uint64_t)now.tv_sec * 1000000000 + (uint64_t)now.tv_nsec;
}

unsigned vs_coarse_ms(void)
{
	return (unsigned)(vs_time_ns(CLOCK_MONOTONIC_COARSE) / 1000000);
}

void vs_clock_by_kernel(void)
{
	clock_of_libc = NULL;
}

/* Only libc's own: libfaketime's has another idea of time. */
static void find_clock(void)
{
	void *found = vs_next_symbol("clock_gettime");

	if (found && vs_of_libc(found))
		*(void **)&clock_of_libc = found;
}

/* A module whose block is further away than any static one gets there by way
 * of malloc(): it was loaded by dlopen(). */
static int measure_tls(struct dl_phdr_info *object, size_t size, void *tp)
{
	enum { FAR = 1 << 20 };
	uintptr_t at = (uintptr_t)object->dlpi_tls_data, own = (uintptr_t)tp;

	(void)size;
	for (int i = 0; at && i < object->dlpi_phnum; i++) {
		const ElfW(Phdr) *p = &object->dlpi_phdr[i];

		if (p->p_type != PT_TLS)
			continue;
		if (at <= own && own - at < FAR && own - at > tls.below)
			tls.below = own - at;
		if (at > own && at + p->p_memsz - own < FAR &&
		    at + p->p_memsz - own > tls.above)
			tls.above = at + p->p_memsz - own;
	}
	return 0;
}

void vs_facts_prepare(void)
{
	vs_glibc_minor();
	vs_instrumented();
	vs_threads_prepare();
	rseq_offset = vs_symbol("__rseq_offset");
	rseq_size = vs_symbol("__rseq_size");
	find_debug();
	find_clock();
	vs_module_prepare();
	dl_iterate_phdr(measure_tls, (void *)vs_thread_pointer());
	/* The kernel puts the random bytes above everything else it passes to a
	 * program (create_elf_tables() in fs/binfmt_elf.c). */
	stack_top = getauxval(AT_RANDOM);
}

/* The version of the list that debuggers read: 2 when there is a list for each
 * namespace, from then on. */
bool vs_other_libc(void)
{
	return debug && debug->r_version > 1;
}

const struct link_map *vs_loaded_objects(void)
{
	if (!debug)
		find_debug();
	return debug ? debug->r_map : NULL;
}

struct vs_range vs_rseq_area(void)
{
	enum { SIZE = 32 }; /* of the kernel's first struct rseq, and glibc's */
	uintptr_t lo;

	if (!rseq_offset || !rseq_size || !*rseq_size)
		return (struct vs_range){0, 0};
	lo = vs_thread_pointer() + (uintptr_t)*rseq_offset;
	return (struct vs_range){lo, lo + SIZE};
}

struct vs_range vs_tls_area(void)
{
	uintptr_t tp = vs_thread_pointer();

	return (struct vs_range){tp - tls.below, tp + tls.above};
}

uintptr_t vs_stack_top(void)
{
	return stack_top;
}
