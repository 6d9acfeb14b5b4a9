/* SPDX-License-Identifier: MIT
 * Maps of processes that there are not. */
#ifndef TEST_UNIT_PROC_MAPS_H
#define TEST_UNIT_PROC_MAPS_H

#include <sys/mman.h>

#include "kernel/proc/maps.h"
#include "port.h"
#include "unit.h"

static struct vs_maps text_of(const char *text, bool all)
{
	static char piece[VS_MAPS_TEXT];
	struct vs_maps maps = {.fd = memfd_create("maps", 0),
			       .pagemap = -1,
			       .all = all,
			       .at = piece,
			       .end = piece,
			       .text = piece};

	ck_assert_int_ge(maps.fd, 0);
	ck_assert_int_eq(write(maps.fd, text, strlen(text)), strlen(text));
	lseek(maps.fd, 0, SEEK_SET);
	return maps;
}

static void is_next(struct vs_maps *maps, uintptr_t lo, uintptr_t hi,
		    const char *what)
{
	struct vs_map map;

	ck_assert(vs_maps_next(maps, &map));
	ck_assert_uint_eq(map.at.lo, lo);
	ck_assert_uint_eq(map.at.hi, hi);
	ck_assert_int_eq(map.readable, strchr(what, 'r') != NULL);
	ck_assert_int_eq(map.executable, strchr(what, 'x') != NULL);
	ck_assert_int_eq(map.shared, strchr(what, 's') != NULL);
	ck_assert_int_eq(map.anonymous, strchr(what, 'a') != NULL);
}

#endif
