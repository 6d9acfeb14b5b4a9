/* SPDX-License-Identifier: MIT
 * txn/map/renew.c: the list of lazy memory, written anew by what is mapped
 * there now. */
#include <stdlib.h>
#include <sys/mman.h>

#include "txn/map/lazy.h"
#include "txn/map/parts.h"
#include "txn/map/renew.h"
#include "txn/map/shared.h"
#include "unit.h"

enum { RW = PROT_READ | PROT_WRITE, MB = 1 << 20 };

static char *area;
static struct vs_maps maps;
static struct vs_parts_list list;

/* Two ranges, of 4 MB and of 2, with 2 MB between them. */
static void make(void)
{
	area = mmap(NULL, 8 * MB, RW, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	ck_assert_ptr_ne(area, MAP_FAILED);
	vs_parts_begin(&list, MB);
	vs_parts_add((uintptr_t)area, (uintptr_t)area + 4 * MB, RW);
	vs_parts_end_range();
	vs_parts_add((uintptr_t)area + 6 * MB, (uintptr_t)area + 8 * MB, RW);
	vs_parts_end_range();
}

static bool renew(bool strict)
{
	bool good;

	if (vs_maps_open_at(&maps, "/proc/self/maps"))
		exit(77); /* before Linux 6.11 */
	good = vs_renew_parts(&maps, strict);
	vs_maps_close(&maps);
	ck_assert_int_eq(vs_lazy_count(), 2);
	ck_assert_uint_eq(vs_lazy(0).lo, (uintptr_t)area);
	ck_assert_uint_eq(vs_lazy(0).hi, (uintptr_t)area + 4 * MB);
	ck_assert_uint_eq(vs_lazy(1).hi, (uintptr_t)area + 8 * MB);
	return good;
}

/* The part with `addr` ends at `end`, offsets of the area. */
static void is(uintptr_t addr, uintptr_t end, unsigned flags)
{
	struct vs_part part;

	ck_assert(vs_parts_above((uintptr_t)area + addr, &part));
	ck_assert_uint_le(part.at.lo, (uintptr_t)area + addr);
	ck_assert_uint_eq(part.at.hi, (uintptr_t)area + end);
	ck_assert_uint_eq(part.flags, flags);
}

static void over(uintptr_t at, size_t size, int prot, int kind)
{
	ck_assert_ptr_eq(mmap(area + at, size, prot,
			      kind | MAP_ANONYMOUS | MAP_FIXED, -1, 0),
			 area + at);
}

START_TEST(unchanged)
{
	make();
	ck_assert(renew(true));
	is(0, 4 * MB, RW);
	is(7 * MB, 8 * MB, RW);
}
END_TEST

START_TEST(protected)
{
	make();
	mprotect(area + MB, MB, PROT_READ);
	mprotect(area + 3 * MB, MB, PROT_NONE);
	ck_assert(renew(true));
	is(0, MB, RW);
	is(MB, 2 * MB, PROT_READ);
	is(2 * MB, 3 * MB, RW);
	is(3 * MB, 4 * MB, 0);
	is(6 * MB, 8 * MB, RW);
	mprotect(area, 4 * MB, RW);
	ck_assert(renew(true));
	is(MB, 4 * MB, RW);
}
END_TEST

/* At the beginning, in the middle, at the end, and all of it. */
START_TEST(unmapped)
{
	make();
	munmap(area, MB);
	munmap(area + 2 * MB, MB);
	munmap(area + 7 * MB, MB);
	ck_assert(!renew(true));
	ck_assert(renew(false));
	is(0, MB, 0);
	is(MB, 2 * MB, RW);
	is(2 * MB, 3 * MB, 0);
	is(3 * MB, 4 * MB, RW);
	is(6 * MB, 7 * MB, RW);
	is(7 * MB, 8 * MB, 0);
	munmap(area, 8 * MB);
	ck_assert(!renew(true));
	ck_assert(renew(false));
	is(MB, 4 * MB, 0);
	is(6 * MB, 8 * MB, 0);
}
END_TEST

static const struct {
	size_t size;
	int kind;
} odd[] = {{MB, MAP_SHARED}, {VS_LEAST_LAZY / 2, MAP_PRIVATE}};

/* What cannot be lazy: shared, or so small that it may be anything. */
START_TEST(no_plain_memory)
{
	for (int i = 0; i < LENGTH(odd); i++) {
		make();
		munmap(area + MB, 2 * MB);
		over(MB + MB / 2, odd[i].size, RW, odd[i].kind);
		ck_assert(!renew(true));
		ck_assert(renew(false));
		is(0, MB, RW);
		is(MB, MB + MB / 2, 0);
		is(MB + MB / 2, MB + MB / 2 + odd[i].size, 0);
		is(3 * MB, 4 * MB, RW);
	}
}
END_TEST

/* What is mapped beside them is not theirs, where it joins, too. */
START_TEST(neighbours)
{
	make();
	munmap(area + 5 * MB, MB);
	mprotect(area + 3 * MB, 2 * MB, PROT_READ);
	ck_assert(renew(true));
	is(3 * MB, 4 * MB, PROT_READ);
	is(6 * MB, 8 * MB, RW);
}
END_TEST

START_TEST(shared_ones)
{
	uintptr_t at;
	bool found = false;

	make();
	over(4 * MB, MB, RW, MAP_SHARED);
	at = (uintptr_t)area + 4 * MB;
	ck_assert_int_eq(vs_maps_open_at(&maps, "/proc/self/maps"), 0);
	vs_renew_shared(&maps);
	vs_maps_close(&maps);
	for (int i = 0; i < vs_shared_count(); i++) {
		const struct vs_range *r = vs_shared(i);

		found |= r->lo == at && r->hi == at + MB;
	}
	ck_assert(found);
	ck_assert(vs_shared_meets(at + MB - 1, 1));
	ck_assert(!vs_shared_meets(at + MB, 1));
	ck_assert(!vs_shared_is_more());
}
END_TEST

/* The child has a hole there, and no shared memory. */
START_TEST(shared_in_a_range)
{
	make();
	over(MB, MB, RW, MAP_SHARED);
	ck_assert(renew(false));
	ck_assert_int_eq(vs_maps_open_at(&maps, "/proc/self/maps"), 0);
	vs_renew_shared(&maps);
	vs_maps_close(&maps);
	ck_assert(!vs_shared_meets((uintptr_t)area, 8 * MB));
	ck_assert(vs_shared_is_more());
}
END_TEST

UNIT(renew, unchanged, protected, unmapped, no_plain_memory, neighbours,
     shared_ones, shared_in_a_range)
