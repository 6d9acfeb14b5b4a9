/* SPDX-License-Identifier: MIT
 * txn/record/windows.c: which of the memory that a site's children need is left
 * in the copy that the kernel makes. */
#include "txn/record/windows.h"
#include "unit.h"

/* As in windows.c. */
enum { GAP = 20, ROOM = 4 };

static struct vs_site *site;
static struct vs_range window[ROOM + 1];
static bool threads;

static unsigned windows_of(const uintptr_t *chunks, unsigned n)
{
	unsigned got;

	site = vs_site_of(0x555500001234);
	for (unsigned i = 0; i < n; i++) {
		vs_site_needs(site, chunks[i]);
		vs_site_needs(site, chunks[i]);
	}
	window[ROOM] = (struct vs_range){1, 1};
	got = vs_site_windows(site, window, ROOM, threads);
	ck_assert_uint_le(got, ROOM);
	ck_assert_uint_eq(window[ROOM].lo, 1);
	return got;
}

#define WINDOWS_OF(...)                                       \
	windows_of((const uintptr_t[]){__VA_ARGS__},          \
		   sizeof((const uintptr_t[]){__VA_ARGS__}) / \
			   sizeof(uintptr_t))

static void is(unsigned i, uintptr_t first, uintptr_t last)
{
	ck_assert_uint_eq(window[i].lo, first << VS_CHUNK_SHIFT);
	ck_assert_uint_eq(window[i].hi, (last + 1) << VS_CHUNK_SHIFT);
}

START_TEST(nothing_is_known)
{
	ck_assert_uint_eq(windows_of(NULL, 0), 0);
}
END_TEST

START_TEST(one_alone)
{
	ck_assert_uint_eq(WINDOWS_OF(100), 0);
}
END_TEST

START_TEST(two_together)
{
	ck_assert_uint_eq(WINDOWS_OF(100, 101), 1);
	is(0, 100, 101);
}
END_TEST

START_TEST(over_a_gap)
{
	ck_assert_uint_eq(WINDOWS_OF(100, 100 + GAP), 1);
	is(0, 100, 100 + GAP);
}
END_TEST

START_TEST(too_far_apart)
{
	ck_assert_uint_eq(WINDOWS_OF(100, 101 + GAP), 0);
}
END_TEST

/* In whatever order they have been learned. */
START_TEST(several)
{
	ck_assert_uint_eq(WINDOWS_OF(9001, 10, 500, 9000, 12, 9015, 30), 2);
	is(0, 10, 30);
	is(1, 9000, 9015);
}
END_TEST

START_TEST(no_more_than_there_is_room_for)
{
	ck_assert_uint_eq(WINDOWS_OF(100, 101, 200, 201, 300, 301, 400, 401,
				     500, 501, 600, 601),
			  ROOM);
	is(0, 100, 101);
	is(ROOM - 1, 400, 401);
}
END_TEST

/* All that a site can know of, to the end of its list. */
START_TEST(a_full_list)
{
	enum { NEEDED = 256 };
	uintptr_t chunks[NEEDED];

	for (unsigned i = 0; i < NEEDED; i++)
		chunks[i] = 7 + i * (uintptr_t)GAP;
	ck_assert_uint_eq(windows_of(chunks, NEEDED), 1);
	is(0, 7, chunks[NEEDED - 1]);
}
END_TEST

/* A few alone, where to read them takes a task; not many. */
START_TEST(alone_beside_threads)
{
	threads = true;
	ck_assert_uint_eq(WINDOWS_OF(100, 200, 201), 2);
	is(0, 100, 100);
	is(1, 200, 201);
}
END_TEST

START_TEST(many_alone_beside_threads)
{
	threads = true;
	ck_assert_uint_eq(WINDOWS_OF(100, 200, 300, 400, 500, 600, 601), 1);
	is(0, 600, 601);
}
END_TEST

UNIT(windows, alone_beside_threads, many_alone_beside_threads, nothing_is_known,
     one_alone, two_together, over_a_gap, too_far_apart, several,
     no_more_than_there_is_room_for, a_full_list)
