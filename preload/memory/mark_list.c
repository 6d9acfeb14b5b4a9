/* SPDX-License-Identifier: MIT
 *
 * A sorted list of ranges for each kind of mark. Whoever changes one holds the
 * lock of app_marks.c.
 */
#include <stddef.h>

#include "base/compiler.h"
#include "memory/internal.h"

/* How many of each kind. V8 marks a few, an RDMA library one for each
 * registered buffer. */
enum { RANGES = 1024 };

/* A list is never changed in place: another thread may copy the process at any
 * moment, and its child must find it whole. The new one is made in the other
 * half, then `state` says which half counts, and how many ranges there are. */
static struct vs_range halves[VS_MARKS][2][RANGES] VS_BIG;
static _Atomic unsigned state[VS_MARKS]; /* count * 2 + half */

const struct vs_range *vs_marks(enum vs_mark mark)
{
	return halves[mark][state[mark] % 2];
}

int vs_marks_count(enum vs_mark mark)
{
	return (int)(state[mark] / 2);
}

static _Atomic bool overflow;
static _Atomic unsigned changes;

unsigned vs_app_marks_changes(void)
{
	return changes;
}

bool vs_app_marks_overflow(void)
{
	return overflow;
}

/* Index of the first range that ends after `addr`. */
int vs_marks_after(enum vs_mark mark, uintptr_t addr)
{
	const struct vs_range *list = vs_marks(mark);
	int low = 0, high = vs_marks_count(mark);

	while (low < high) {
		int middle = (low + high) / 2;

		if (list[middle].hi <= addr)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

/* Replaces `old` ranges at `at` by `n` new ones. The lock is held. */
static void replace(enum vs_mark mark, int at, int old,
		    const struct vs_range *with, int n)
{
	const struct vs_range *from = vs_marks(mark);
	unsigned half = state[mark] % 2 ^ 1;
	struct vs_range *to = halves[mark][half];
	int count = vs_marks_count(mark);

	changes++;
	if (count - old + n > RANGES) {
		overflow = true;
		return;
	}
	__builtin_memcpy(to, from, sizeof(*to) * (size_t)at);
	__builtin_memcpy(&to[at], with, sizeof(*to) * (size_t)n);
	__builtin_memcpy(&to[at + n], &from[at + old],
			 sizeof(*to) * (size_t)(count - at - old));
	state[mark] = (unsigned)(count + n - old) * 2 + half;
}

int vs_marks_overlap(enum vs_mark mark, int at, uintptr_t hi)
{
	const struct vs_range *list = vs_marks(mark);
	int n = 0;

	while (at + n < vs_marks_count(mark) && list[at + n].lo < hi)
		n++;
	return n;
}

void vs_marks_add(enum vs_mark mark, uintptr_t lo, uintptr_t hi)
{
	const struct vs_range *list = vs_marks(mark);
	struct vs_range r = {lo, hi};
	int at, n;

	/* Neighbours are joined, too. */
	at = vs_marks_after(mark, lo ? lo - 1 : 0);
	n = vs_marks_overlap(mark, at, hi + 1);
	if (n && list[at].lo < lo)
		r.lo = list[at].lo;
	if (n && list[at + n - 1].hi > hi)
		r.hi = list[at + n - 1].hi;
	replace(mark, at, n, &r, 1);
}

bool vs_marks_remove(enum vs_mark mark, uintptr_t lo, uintptr_t hi)
{
	const struct vs_range *list = vs_marks(mark);
	struct vs_range rest[2];
	int at, n, left = 0;

	at = vs_marks_after(mark, lo);
	n = vs_marks_overlap(mark, at, hi);
	if (n && list[at].lo < lo)
		rest[left++] = (struct vs_range){list[at].lo, lo};
	if (n && list[at + n - 1].hi > hi)
		rest[left++] = (struct vs_range){hi, list[at + n - 1].hi};
	replace(mark, at, n, rest, left);
	return n > 0;
}
