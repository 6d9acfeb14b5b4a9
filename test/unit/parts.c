/* SPDX-License-Identifier: MIT
 * txn/map/parts.c: what is found in the list of what a child does not copy,
 * against the mappings that were put in, looked at one by one. */
#include <sys/mman.h>

#include "txn/map/parts.h"
#include "unit.h"

enum { MAPPINGS = 1000, LEAST = 16 * VS_PAGE };

static struct vs_part mapping[MAPPINGS];
static int mappings;
static struct vs_parts_list list;

static void put(uintptr_t lo, uintptr_t hi, unsigned flags)
{
	mapping[mappings++] = (struct vs_part){{lo, hi}, flags};
	vs_parts_add(lo, hi, flags);
}

static void begin(void)
{
	mappings = 0;
	vs_parts_begin(&list, LEAST);
}

static const struct vs_part *mapping_at(uintptr_t addr)
{
	for (int i = 0; i < mappings; i++) {
		if (vs_range_has(&mapping[i].at, addr))
			return &mapping[i];
	}
	return NULL;
}

/* Each part is a piece of a mapping, and all of a range is parts. */
static void check_ranges(void)
{
	struct vs_part part;
	uintptr_t end = 0;

	for (int i = 0; i < vs_lazy_count(); i++) {
		struct vs_range range = vs_lazy(i);

		ck_assert(range.lo >= end && range.hi - range.lo >= LEAST);
		ck_assert_int_eq(vs_lazy_above(range.lo), i);
		ck_assert_int_eq(vs_lazy_above(range.hi - 1), i);
		for (uintptr_t at = range.lo; at < range.hi; at = part.at.hi) {
			const struct vs_part *of = mapping_at(at);

			ck_assert(vs_parts_above(at, &part));
			ck_assert_ptr_nonnull(of);
			ck_assert(part.at.lo == of->at.lo &&
				  part.at.hi == of->at.hi &&
				  part.flags == of->flags);
		}
		end = range.hi;
	}
	ck_assert(!vs_parts_above(end, &part));
}

static void mappings_at_random(struct dice *d)
{
	uintptr_t at = 0x10000000;

	begin();
	for (int n = (int)roll(d, MAPPINGS); n > 0; n--) {
		uintptr_t size = (1 + roll(d, 24)) * VS_PAGE;

		at += roll(d, 4) ? 0 : VS_PAGE * (uintptr_t)roll(d, 100);
		put(at, at + size, roll(d, 3) ? roll(d, 16) : 0);
		at += size;
		if (!roll(d, 20))
			vs_parts_end_range();
	}
	vs_parts_end_range();
}

START_TEST(at_random)
{
	for (uint64_t seed = 0; seed < 20; seed++) {
		struct dice d = dice(seed);

		mappings_at_random(&d);
		check_ranges();
		while (vs_lazy_count() > 1) {
			vs_lazy_drop((int)roll(&d, (unsigned)vs_lazy_count()));
			if (!roll(&d, 16))
				check_ranges();
		}
	}
}
END_TEST

/* Guards at either end are not a part of a range, those between are. */
START_TEST(guards)
{
	const uintptr_t at = 0x10000000;
	struct vs_part part;

	begin();
	put(at, at + VS_PAGE, 0);
	put(at + VS_PAGE, at + LEAST, PROT_READ);
	put(at + LEAST, at + LEAST + VS_PAGE, 0);
	put(at + LEAST + VS_PAGE, at + 2 * LEAST, PROT_READ | PROT_WRITE);
	put(at + 2 * LEAST, at + 2 * LEAST + VS_PAGE, 0);
	vs_parts_end_range();
	ck_assert_int_eq(vs_lazy_count(), 1);
	ck_assert_uint_eq(vs_lazy(0).lo, at + VS_PAGE);
	ck_assert_uint_eq(vs_lazy(0).hi, at + 2 * LEAST);
	ck_assert(vs_parts_above(at + LEAST, &part));
	ck_assert_uint_eq(part.flags, 0);
	ck_assert(!vs_lazy_has(0, VS_PART_FILE));
	check_ranges();
}
END_TEST

START_TEST(small_ones_are_not_taken)
{
	const uintptr_t at = 0x10000000;

	begin();
	put(at, at + LEAST - VS_PAGE, PROT_READ);
	put(at + LEAST, at + 2 * LEAST, PROT_READ | VS_PART_FILE);
	vs_parts_end_range();
	ck_assert_int_eq(vs_lazy_count(), 1);
	ck_assert(vs_lazy_has(0, VS_PART_FILE));
	check_ranges();
}
END_TEST

/* Of too many the large ones stay. */
START_TEST(more_than_fit)
{
	uintptr_t at = 0x10000000, large = 0;
	int found = 0;

	begin();
	for (int i = 0; i < 3 * VS_MAX_LAZY; i++) {
		uintptr_t size = i % 100 ? LEAST : 100 * LEAST;

		vs_parts_add(at, at + size, PROT_READ);
		large += size > LEAST;
		at += size + VS_PAGE;
	}
	vs_parts_end_range();
	ck_assert_int_le(vs_lazy_count(), VS_MAX_LAZY);
	for (int i = 0; i < vs_lazy_count(); i++) {
		struct vs_part part;

		ck_assert(vs_parts_above(vs_lazy(i).lo, &part));
		ck_assert(part.at.lo == vs_lazy(i).lo &&
			  part.at.hi == vs_lazy(i).hi);
		found += part.at.hi - part.at.lo > LEAST;
	}
	ck_assert_int_eq(found, (int)large);
}
END_TEST

/* The parts of one range may be all that there is room for. */
START_TEST(more_parts_than_fit)
{
	const uintptr_t at = 0x10000000;
	struct vs_part part;

	begin();
	for (uintptr_t i = 0; i < VS_MAX_PARTS + 10; i++)
		vs_parts_add(at + i * VS_PAGE, at + (i + 1) * VS_PAGE,
			     PROT_READ + i % 2);
	vs_parts_end_range();
	ck_assert_int_eq(vs_lazy_count(), 1);
	ck_assert_uint_eq(vs_lazy(0).hi,
			  at + (uintptr_t)VS_MAX_PARTS * VS_PAGE);
	ck_assert(vs_parts_above(vs_lazy(0).hi - 1, &part));
	ck_assert_uint_eq(part.at.hi - part.at.lo, VS_PAGE);
}
END_TEST

/* As a part of its own it would not be known where it begins. */
START_TEST(renewed_too_far_off)
{
	const uintptr_t lo = (uintptr_t)1 << 30, far = (uintptr_t)VS_PAGE << 27;
	struct vs_part part;

	if (!far)
		return;
	begin();
	put(lo, lo + 2 * far, PROT_READ);
	vs_parts_end_range();
	ck_assert(vs_parts_renew(0, lo, PROT_READ));
	ck_assert(vs_parts_renew(0, lo + far - VS_PAGE, PROT_WRITE));
	ck_assert(vs_parts_above(lo + far, &part));
	ck_assert_uint_eq(part.flags, PROT_WRITE);
	ck_assert(!vs_parts_renew(0, lo + far, PROT_READ));
}
END_TEST

/* A page less at each end; the other parts stay where they are. */
START_TEST(trimmed)
{
	const uintptr_t lo = 0x10000000, middle = lo + 20 * VS_PAGE;
	struct vs_part part;

	begin();
	put(lo, middle, PROT_READ);
	put(middle, middle + 2 * VS_PAGE, PROT_WRITE);
	put(middle + 2 * VS_PAGE, middle + 4 * VS_PAGE, PROT_READ);
	vs_parts_end_range();
	vs_parts_trim(0, (struct vs_range){lo + VS_PAGE, middle + 3 * VS_PAGE});
	ck_assert_uint_eq(vs_lazy(0).lo, lo + VS_PAGE);
	ck_assert_uint_eq(vs_lazy(0).hi, middle + 3 * VS_PAGE);
	ck_assert(vs_parts_above(lo, &part));
	ck_assert_uint_eq(part.at.lo, lo + VS_PAGE);
	ck_assert_uint_eq(part.at.hi, middle);
	ck_assert(vs_parts_above(middle, &part));
	ck_assert_uint_eq(part.at.lo, middle);
	ck_assert_uint_eq(part.flags, PROT_WRITE);
	/* There would be nothing left of the last part. */
	vs_parts_trim(0, (struct vs_range){lo, middle + 2 * VS_PAGE});
	ck_assert_uint_eq(vs_lazy(0).hi, middle + 3 * VS_PAGE);
}
END_TEST

START_TEST(trimmed_of_one_page)
{
	const uintptr_t lo = 0x10000000;

	begin();
	put(lo, lo + VS_PAGE, PROT_READ);
	put(lo + VS_PAGE, lo + 20 * VS_PAGE, PROT_WRITE);
	vs_parts_end_range();
	vs_parts_trim(0, (struct vs_range){lo + VS_PAGE, UINTPTR_MAX});
	ck_assert_uint_eq(vs_lazy(0).lo, lo);
}
END_TEST

UNIT(parts, trimmed, trimmed_of_one_page, at_random, guards,
     small_ones_are_not_taken, more_than_fit, more_parts_than_fit,
     renewed_too_far_off)
