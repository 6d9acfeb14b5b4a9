/* SPDX-License-Identifier: MIT
 *
 * See app_marks.h: a sorted list of ranges for each kind of mark, kept by the
 * wrappers of madvise, munmap and mremap. A range too many here costs time
 * only: such memory is copied, or not, as the kernel does it.
 */
#include "memory/app_marks.h"

#include <stddef.h>
#include <sys/mman.h>

#include "base/compiler.h"
#include "kernel/lock.h"
#include "memory/internal.h"

/* Of each kind. V8 marks a few, an RDMA library one for each registered buffer.
 */
enum { RANGES = 2048 };

static struct vs_range lists[VS_MARKS][RANGES] VS_BIG;

static _Atomic int counts[VS_MARKS];
static _Atomic bool overflow;
static vs_lock lock;
static _Atomic long holder; /* thread */

bool vs_app_marks_held(void)
{
	return vs_unlikely(holder) && holder == vs_sys(SYS_gettid);
}

/* Signals are blocked: a handler may call madvise. So may another library's
 * mremap(), for which the lock is held. */
static void take(vs_sigset *mask)
{
	if (vs_app_marks_held())
		return;
	vs_block_all(mask);
	vs_lock_take(&lock);
}

static void drop(const vs_sigset *mask)
{
	if (vs_app_marks_held())
		return;
	vs_lock_drop(&lock);
	vs_unblock(mask);
}

void vs_app_marks_begin_move(vs_sigset *mask)
{
	take(mask);
	holder = vs_sys(SYS_gettid);
}

/* Index of the first range that ends after `addr`. */
static int first_after(enum vs_mark mark, uintptr_t addr)
{
	const struct vs_range *list = lists[mark];
	int low = 0, high = counts[mark];

	while (low < high) {
		int middle = (low + high) / 2;

		if (list[middle].hi <= addr)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

/* Replace `old` ranges at `at` by `n` new ones. */
static void replace(enum vs_mark mark, int at, int old,
		    const struct vs_range *with, int n)
{
	struct vs_range *list = lists[mark];
	int count = counts[mark];

	if (count - old + n > RANGES) {
		overflow = true;
		return;
	}
	__builtin_memmove(&list[at + n], &list[at + old],
			  sizeof(*list) * (size_t)(count - at - old));
	for (int i = 0; i < n; i++)
		list[at + i] = with[i];
	counts[mark] = count + n - old;
}

static int overlapping(enum vs_mark mark, int at, uintptr_t hi)
{
	const struct vs_range *list = lists[mark];
	int n = 0;

	while (at + n < counts[mark] && list[at + n].lo < hi)
		n++;
	return n;
}

static void add(enum vs_mark mark, uintptr_t lo, uintptr_t hi)
{
	const struct vs_range *list = lists[mark];
	struct vs_range r = {lo, hi};
	int at, n;

	/* Neighbours are joined, too. */
	at = first_after(mark, lo - 1);
	n = overlapping(mark, at, hi + 1);
	if (n && list[at].lo < lo)
		r.lo = list[at].lo;
	if (n && list[at + n - 1].hi > hi)
		r.hi = list[at + n - 1].hi;
	replace(mark, at, n, &r, 1);
}

static bool remove_range(enum vs_mark mark, uintptr_t lo, uintptr_t hi)
{
	const struct vs_range *list = lists[mark];
	struct vs_range rest[2];
	int at, n, left = 0;

	at = first_after(mark, lo);
	n = overlapping(mark, at, hi);
	if (n && list[at].lo < lo)
		rest[left++] = (struct vs_range){list[at].lo, lo};
	if (n && list[at + n - 1].hi > hi)
		rest[left++] = (struct vs_range){hi, list[at + n - 1].hi};
	replace(mark, at, n, rest, left);
	return n > 0;
}

void vs_app_marks_add(enum vs_mark mark, uintptr_t lo, uintptr_t hi)
{
	vs_sigset mask;

	take(&mask);
	add(mark, lo, hi);
	drop(&mask);
}

bool vs_app_marks_remove(enum vs_mark mark, uintptr_t lo, uintptr_t hi)
{
	vs_sigset mask;
	bool found;

	if (vs_likely(!counts[mark]))
		return false;
	take(&mask);
	found = remove_range(mark, lo, hi);
	drop(&mask);
	return found;
}

static void follow(const struct vs_range *old, const struct vs_range *new,
		   bool stays)
{
	for (enum vs_mark mark = 0; mark < VS_MARKS; mark++) {
		if (!remove_range(mark, old->lo, old->hi))
			continue;
		add(mark, new->lo, new->hi);
		if (stays)
			add(mark, old->lo, old->hi);
	}
}

void vs_app_marks_end_move(const struct vs_range *old,
			   const struct vs_range *new, bool stays,
			   const vs_sigset *mask)
{
	if (new)
		follow(old, new, stays);
	holder = 0;
	drop(mask);
}

static bool any(uintptr_t lo, uintptr_t hi)
{
	bool found = false;

	for (enum vs_mark mark = 0; mark < VS_MARKS; mark++)
		found = found ||
			overlapping(mark, first_after(mark, lo), hi) > 0;
	return found;
}

bool vs_app_marks_meet(uintptr_t lo, uintptr_t hi)
{
	vs_sigset mask;
	bool found;

	if (vs_likely(!counts[VS_MARK_DONTFORK] && !counts[VS_MARK_WIPEONFORK]))
		return false;
	take(&mask);
	found = any(lo, hi);
	drop(&mask);
	return found;
}

void vs_app_marks_unmark_others(uintptr_t lo, uintptr_t hi)
{
	vs_sigset mask;

	take(&mask);
	if (!any(lo, hi))
		vs_sys(SYS_madvise, lo, hi - lo, MADV_DOFORK);
	drop(&mask);
}

bool vs_app_marks_overflow(void)
{
	return overflow;
}

void vs_app_marks_reset(void)
{
	lock = 0;
	holder = 0;
}
