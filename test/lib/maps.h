/* SPDX-License-Identifier: MIT
 *
 * For suites of an area of memory: what a child finds there, before exec and
 * without one, and that it dies of what its parent could not do either.
 */
#ifndef TEST_MAPS_H
#define TEST_MAPS_H

#include "util.h"

enum { SIZE = 8 << 20 };

static unsigned char *area;

static unsigned char *map(int protection, int flags, int fd)
{
	void *at = mmap(NULL, SIZE, protection, flags, fd, 0);

	ck_assert_ptr_ne(at, MAP_FAILED);
	return at;
}

static unsigned char *anonymous(void)
{
	unsigned char *at =
		map(PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1);

	memset(at, 'a', SIZE);
	return at;
}

/* Every so often, borders of pages and chunks included. */
static bool holds(const unsigned char *from, size_t size, int value)
{
	for (size_t i = 0; i < size; i += 50000) {
		if (from[i] != value)
			return false;
	}
	return from[size - 1] == value;
}

enum ending { EXECS, EXITS };

static int child_status(bool (*good)(void), enum ending ending)
{
	pid_t pid = fork();

	if (!pid) {
		if (!good())
			_exit(50);
		if (ending == EXECS)
			exec_exit(4);
		_exit(4);
	}
	return wait_for(pid);
}

static void in_child(bool (*good)(void))
{
	ck_assert_int_eq(child_status(good, EXECS), 4 << 8);
	ck_assert_int_eq(child_status(good, EXITS), 4 << 8);
}

static void crash_in_child(bool (*bad)(void))
{
	ck_assert_int_eq(child_status(bad, EXECS) & 0x7f, SIGSEGV);
	ck_assert_int_eq(child_status(bad, EXITS) & 0x7f, SIGSEGV);
}

static bool read_a(void)
{
	return holds(area, SIZE, 'a');
}

static bool write_one(void)
{
	*(volatile unsigned char *)(area + SIZE / 2) = 'b';
	return true;
}

static bool read_one(void)
{
	return *(volatile unsigned char *)(area + SIZE / 2) == 'a';
}

#endif
