/* SPDX-License-Identifier: MIT
 *
 * Big memory that is not one plain heap, for the suites around_shapes, _borders
 * and _shared: a pattern in it, children that look for that and then exec, and
 * others that die there.
 */
#ifndef TEST_SHAPES_H
#define TEST_SHAPES_H

#include "around.h"

enum { MB = 1 << 20, SIZE = 8 * MB, PIECE = 64 << 10 };

#ifndef MAP_DROPPABLE /* Linux 6.11 */
#	define MAP_DROPPABLE 0x08
#endif

static unsigned char *shape;

static UNUSED unsigned char letter(size_t at)
{
	return (unsigned char)(at / PAGE % 251 + 1);
}

static UNUSED void map_shape(int flags, int fd)
{
	shape = mmap(NULL, SIZE, PROT_READ | PROT_WRITE, MAP_PRIVATE | flags,
		     fd, 0);
	ck_assert_ptr_ne(shape, MAP_FAILED);
}

static UNUSED void fill_shape(size_t from, size_t to)
{
	for (size_t at = from; at < to; at += PAGE)
		shape[at + 7] = letter(at);
}

static UNUSED void plain_shape(void)
{
	map_shape(MAP_ANONYMOUS, -1);
	fill_shape(0, SIZE);
}

static UNUSED void protect_shape(int protection)
{
	ck_assert(!mprotect(shape, SIZE, protection));
}

/* ---- children ---- */

static UNUSED bool is_right(size_t from, size_t to, size_t step)
{
	for (size_t at = from; at < to; at += step) {
		if (shape[at + 7] != letter(at) || shape[at + 8])
			return false;
	}
	return true;
}

/* Places that a site's next children are given beforehand, and others. */
static UNUSED bool looks_right(void)
{
	static int child;
	size_t from = (size_t)child++ * 3 * PAGE;

	return is_right(0, SIZE, MB) && is_right(from, SIZE, 5 * PIECE);
}

static UNUSED void forks(bool (*child)(void))
{
	for (int i = 0; i < 5; i++) {
		pid_t pid = fork();

		if (!pid) {
			if (!child())
				_exit(50);
			become_program();
		}
		exits_with(pid, 4);
	}
}

static unsigned char *deadly;

static UNUSED void forks_to_die(unsigned char *at, bool writes, int sig)
{
	pid_t pid;

	deadly = at;
	pid = fork();
	if (!pid) {
		if (writes)
			*(volatile unsigned char *)deadly = 1;
		else
			(void)*(volatile unsigned char *)deadly;
		_exit(51);
	}
	dies_by(pid, sig);
}

#endif
