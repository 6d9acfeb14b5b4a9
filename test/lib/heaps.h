/* SPDX-License-Identifier: MIT
 *
 * A heap of an unusual kind. What a child finds there is what its parent has;
 * what it writes is its own, unless the memory is shared.
 */
#ifndef TEST_HEAPS_H
#define TEST_HEAPS_H

#include "around.h"

enum { SIZE = 64 << 20 };

static char *area;
static size_t area_size;

static char *map(size_t size, int flags, int fd)
{
	char *at = mmap(NULL, size, PROT_READ | PROT_WRITE, flags, fd, 0);

	if (at == MAP_FAILED)
		skip("no such memory");
	area = at;
	area_size = size;
	return at;
}

/* A byte in every so many, borders of pages and chunks among them. */
static void fill(size_t step)
{
	for (size_t i = 0; i < area_size; i += step)
		area[i] = (char)(i / step);
}

static bool filled(size_t step)
{
	for (size_t i = 0; i < area_size; i += step) {
		if (area[i] != (char)(i / step))
			return false;
	}
	return true;
}

/* Children that read some of it, and write to it, before they exec or
 * instead; all that is seen of it here is what `shared` memory hands on. */
static pid_t writer(bool execs)
{
	size_t middle = area_size / 2;
	pid_t pid = fork();

	if (!pid) {
		if (area[0] != 0 || area[middle + 1] != 'x')
			_exit(50);
		area[middle + 1]++;
		if (area[middle + 1] != 'y')
			_exit(51);
		area[middle + 1]--;
		area[middle + 2]++;
		if (execs)
			become_program();
		_exit(4);
	}
	return pid;
}

static void children(bool shared)
{
	size_t middle = area_size / 2;

	area[middle + 1] = 'x';
	area[middle + 2] = 'p';
	all_ways();
	for (int n = 0; n < 4; n++)
		exits_with(writer(n % 2), 4);
	ck_assert_int_eq(area[middle + 1], 'x');
	ck_assert_int_eq(area[middle + 2], shared ? 'p' + 4 : 'p');
}

static void with_step(size_t step)
{
	fill(step);
	children(false);
	ck_assert(filled(step));
}

#endif
