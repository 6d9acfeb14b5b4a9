/* SPDX-License-Identifier: MIT
 * kernel/proc/maps.c: what it says of one place in this process's memory, a
 * stack or shared memory, by either way to ask. */
#include <sys/mman.h>

#include "proc_own.h"

enum { GUARD_INSTALL = 102 /* MADV_, Linux 6.13 */ };

/* 16 pages, and below them some that no one may touch. */
static char *map_stack(size_t guard)
{
	char *at = mmap(NULL, (1 + guard + 16) << 12, PROT_NONE,
			MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	ck_assert_ptr_ne(at, MAP_FAILED);
	munmap(at, 4096);
	at += (1 + guard) << 12;
	mprotect(at, 16 << 12, PROT_READ | PROT_WRITE);
	return at;
}

/* Whether the mapping at `at` looks like a stack. */
static bool is_stack(const char *at, enum vs_guards guards)
{
	static char text[VS_MAPS_TEXT];
	struct vs_maps maps;
	struct vs_map map;
	bool answer = false;

	ck_assert_int_eq(vs_maps_open(&maps, text, false), 0);
	while (vs_maps_next(&maps, &map)) {
		if (map.at.lo == (uintptr_t)at)
			answer = vs_maps_stack(&maps, &map, guards);
	}
	vs_maps_close(&maps);
	return answer;
}

START_TEST(stacks)
{
	char *stack = map_stack(1), *most = map_stack(16);
	char *region, *reserved = map_stack(17);
	char *plain = mmap(NULL, 1 << 16, PROT_READ | PROT_WRITE,
			   MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	/* Alone, whatever the kernel has put beside it. */
	region = map_stack(1);
	munmap(region - 4096, 4096);
	mprotect(plain, 4096, PROT_READ);
	ck_assert(is_stack(stack, VS_GUARDS_MAPPED));
	ck_assert(is_stack(most, VS_GUARDS_MAPPED));
	ck_assert(!is_stack(reserved, VS_GUARDS_MAPPED));
	ck_assert(!is_stack(plain + 4096, VS_GUARDS_MAPPED));
	ck_assert(!is_stack(region, VS_GUARDS_PAGEMAP));
	ck_assert(!is_stack(region, VS_GUARDS_READ));
	ck_assert(is_stack(stack, VS_GUARDS_READ));
	if (!madvise(region, 4096, GUARD_INSTALL)) {
		ck_assert(!is_stack(region, VS_GUARDS_MAPPED));
		ck_assert(is_stack(region, VS_GUARDS_PAGEMAP));
		ck_assert(is_stack(region, VS_GUARDS_READ));
		madvise(stack, 4096, GUARD_INSTALL);
	}
	refuse_query();
	ck_assert(is_stack(stack, VS_GUARDS_MAPPED));
	ck_assert(!is_stack(plain + 4096, VS_GUARDS_MAPPED));
	ck_assert(!is_stack(region, VS_GUARDS_PAGEMAP));
}
END_TEST

START_TEST(shared)
{
	char *at = mmap(NULL, 16 << 12, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS,
			-1, 0);
	uintptr_t lo = (uintptr_t)at + (8 << 12), hi = lo + (2 << 12);

	ck_assert_ptr_ne(at, MAP_FAILED);
	mmap((void *)lo, hi - lo, PROT_READ,
	     MAP_SHARED | MAP_ANONYMOUS | MAP_FIXED, -1, 0);
	ck_assert(vs_maps_shared(lo, hi));
	ck_assert(vs_maps_shared(lo + 4096, hi));
	ck_assert(vs_maps_shared(lo - 4096, lo + 4096));
	ck_assert(vs_maps_shared((uintptr_t)at, lo + 1));
	/* Without the ioctl, by the text. */
	refuse_query();
	ck_assert(vs_maps_shared(lo, hi));
	ck_assert(vs_maps_shared((uintptr_t)at, lo + 1));
	ck_assert(!vs_maps_shared((uintptr_t)at, (uintptr_t)at + 4096));
}
END_TEST

START_TEST(not_shared)
{
	char *at = mmap(NULL, 16 << 12, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS,
			-1, 0);
	uintptr_t lo = (uintptr_t)at + (8 << 12), hi = lo + (2 << 12);
	static char text[VS_MAPS_TEXT];
	struct vs_maps maps;

	ck_assert_int_eq(vs_maps_open(&maps, text, true), 0);
	vs_maps_close(&maps);
	if (!maps.query)
		return;
	mmap((void *)lo, hi - lo, PROT_READ,
	     MAP_SHARED | MAP_ANONYMOUS | MAP_FIXED, -1, 0);
	ck_assert(!vs_maps_shared((uintptr_t)at, lo));
	ck_assert(!vs_maps_shared(hi, (uintptr_t)at + (16 << 12)));
	munmap((void *)lo, hi - lo);
	ck_assert(!vs_maps_shared((uintptr_t)at, (uintptr_t)at + (16 << 12)));
}
END_TEST

UNIT(proc_places, stacks, shared, not_shared)
