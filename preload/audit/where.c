/* SPDX-License-Identifier: MIT
 *
 * What an address is. malloc's state in glibc has no name: its main arena is
 * found by what it knows, where the heap ends; that of a thread's cache by
 * being the first thing in the heap. Guesses, for people.
 */
#include <errno.h>
#include <link.h>
#include <stddef.h>
#include <string.h>
#include <unistd.h>

#include "audit/internal.h"
#include "base/bytes.h"
#include "base/image.h"
#include "kernel/sigmask.h"
#include "kernel/sys.h"
#include "libc/location.h"
#include "libc/places.h"
#include "port.h"

/* struct pthread of glibc, on either side of the thread pointer. */
enum { THREAD = 4096 };

static bool within(uintptr_t at, uintptr_t lo, uintptr_t size)
{
	return at - lo < size;
}

/* ---- malloc's ---- */

struct segment {
	uintptr_t at, lo, hi;
};

static int find_segment(struct dl_phdr_info *info, size_t size, void *data)
{
	struct segment *s = data;

	(void)size;
	for (int i = 0; i < info->dlpi_phnum; i++) {
		const ElfW(Phdr) *p = &info->dlpi_phdr[i];
		uintptr_t lo = info->dlpi_addr + p->p_vaddr;

		if (p->p_type != PT_LOAD || !(p->p_flags & PF_W) ||
		    !within(s->at, lo, p->p_memsz))
			continue;
		s->lo = (lo + sizeof(lo) - 1) & -sizeof(lo);
		s->hi = lo + p->p_memsz;
		return 1;
	}
	return 0;
}

/* The heap's last chunk, whose size reaches to its end. */
static bool is_top(uintptr_t chunk)
{
	enum { FLAGS = 7, FAR = 1 << 30 };
	uintptr_t end = (uintptr_t)vs_sys(SYS_brk, 0);
	uintptr_t size_at = chunk + sizeof(uintptr_t);

	if (chunk >= end || end - chunk > FAR || chunk % sizeof(uintptr_t) ||
	    !vs_readable(size_at))
		return false;
	return (*(uintptr_t *)size_at & -(uintptr_t)(FLAGS + 1)) == end - chunk;
}

/* struct malloc_state: `top` is behind a lock, flags and ten lists. */
static bool in_main_arena(uintptr_t at)
{
	enum { BEFORE = 12 * sizeof(uintptr_t), SIZE = 2200 };
	struct segment s = {.at = at};

	if (!dl_iterate_phdr(find_segment, &s))
		return false;
	for (uintptr_t p = s.lo; p + sizeof(p) <= s.hi; p += sizeof(p)) {
		if (within(at, p - BEFORE, SIZE) && is_top(*(uintptr_t *)p))
			return true;
	}
	return false;
}

/* struct tcache_perthread_struct, to which a thread-local variable points. */
static bool in_cache(uintptr_t at)
{
	enum { PAGE_OFFSET = 2 * sizeof(uintptr_t), MOST = 4096 };
	struct vs_range tls = vs_tls_area();

	for (uintptr_t p = tls.lo; p + sizeof(p) <= tls.hi; p += sizeof(p)) {
		uintptr_t cache = *(uintptr_t *)p;

		if (cache % VS_PAGE == PAGE_OFFSET && at - cache < MOST &&
		    vs_readable(cache - sizeof(p)) &&
		    within(at, cache,
			   *(uintptr_t *)(cache - sizeof(p)) & (MOST - 8)))
			return true;
	}
	return false;
}

/* ---- the loader's ---- */

struct table {
	uintptr_t at;
	bool found;
};

/* Where functions' addresses are put when they are first called: behind three
 * words of the loader's own. */
static bool in_table(const struct dl_phdr_info *info, const ElfW(Dyn) * entry,
		     uintptr_t at)
{
	uintptr_t lo = 0, size = 0, each = sizeof(ElfW(Rela));

	for (; entry->d_tag != DT_NULL; entry++) {
		if (entry->d_tag == DT_PLTGOT)
			lo = entry->d_un.d_ptr;
		else if (entry->d_tag == DT_PLTRELSZ)
			size = entry->d_un.d_val;
		else if (entry->d_tag == DT_PLTREL &&
			 entry->d_un.d_val == DT_REL)
			each = sizeof(ElfW(Rel));
	}
	if (lo < info->dlpi_addr)
		lo += info->dlpi_addr;
	return within(at, lo, (size / each + 3) * sizeof(uintptr_t));
}

static int look_for_table(struct dl_phdr_info *info, size_t size, void *data)
{
	struct table *table = data;

	(void)size;
	for (int i = 0; i < info->dlpi_phnum; i++) {
		const ElfW(Phdr) *p = &info->dlpi_phdr[i];

		if (p->p_type == PT_DYNAMIC &&
		    in_table(info, (const void *)(info->dlpi_addr + p->p_vaddr),
			     table->at))
			table->found = true;
	}
	return table->found;
}

/* And the loader counts them. */
static bool is_binding(uintptr_t at, const struct vs_location *where)
{
	struct table table = {.at = at};

	dl_iterate_phdr(look_for_table, &table);
	return table.found || !strcmp(where->symbol, "_rtld_global");
}

/* ---- all ---- */

static uintptr_t stack_end(uintptr_t sp)
{
	enum { FAR = 1 << 30 };
	uintptr_t top = vs_stack_top();

	if (sp < top && top - sp < FAR)
		return top;
	top = vs_thread_pointer();
	return sp < top && top - sp < FAR ? top : sp;
}

/* Of an object's data; its name, and the variable's. */
static void in_object(const struct vs_location *at, struct vs_audit_place *to)
{
	struct vs_line line = vs_line_in(to->name, sizeof(to->name));

	to->kind = VS_AUDIT_DATA;
	to->offset = at->offset;
	vs_line_put(&line,
		    *at->module ? vs_base_name(at->module) : "the program");
	vs_line_put(&line, ": ");
	vs_line_put(&line, *at->symbol ? at->symbol : "data without a name");
}

static bool in_thread(uintptr_t at, struct vs_audit_place *to)
{
	struct vs_range tls = vs_tls_area(), rseq = vs_rseq_area();
	uintptr_t tp = vs_thread_pointer();

	if (within(at, (uintptr_t)&errno, sizeof(errno)))
		to->kind = VS_AUDIT_ERRNO;
	else if (vs_range_has(&rseq, at))
		to->kind = VS_AUDIT_KINDS;
	else if (vs_range_has(&tls, at))
		to->kind = VS_AUDIT_TLS;
	else if (at - (tp - THREAD) < 2UL * THREAD)
		to->kind = VS_AUDIT_THREAD;
	else
		return false;
	return true;
}

bool vs_audit_where(uintptr_t at, uintptr_t caller_sp,
		    struct vs_audit_place *to)
{
	struct vs_range image = vs_image();
	struct vs_location where;

	*to->name = '\0';
	if (vs_range_has(&image, at))
		return false;
	if (!vs_readable(at)) {
		to->kind = VS_AUDIT_NEW;
	} else if (in_thread(at, to)) {
		return to->kind != VS_AUDIT_KINDS;
	} else if (at >= caller_sp && at < stack_end(caller_sp)) {
		to->kind = VS_AUDIT_STACK;
	} else if (!vs_locate(at, &where)) {
		to->kind = in_cache(at) ? VS_AUDIT_MALLOC : VS_AUDIT_HEAP;
	} else if (is_binding(at, &where)) {
		to->kind = VS_AUDIT_BINDING;
	} else if (!*where.symbol && in_main_arena(at)) {
		to->kind = VS_AUDIT_MALLOC;
	} else {
		in_object(&where, to);
	}
	return true;
}
