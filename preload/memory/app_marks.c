/* SPDX-License-Identifier: MIT
 *
 * See app_marks.h: a sorted list of ranges for each kind of mark, kept by the
 * wrappers of madvise, munmap and mremap. A range too many here costs time
 * only: of such memory nothing is left out, and the kernel copies what it does
 * natively.
 */
#include "memory/app_marks.h"

#include <errno.h>
#include <stddef.h>
#include <sys/mman.h>

#include "base/compiler.h"
#include "kernel/lock.h"
#include "kernel/task/aside.h"
#include "memory/internal.h"

/* How many of each kind. V8 marks a few, an RDMA library one for each
 * registered buffer.
 */
enum { RANGES = 1024 };

/* A list is never changed in place: another thread may copy the process at any
 * moment, and its child must find it whole. The new one is made in the other
 * half, then `state` says which half counts, and how many ranges there are. */
static struct vs_range halves[VS_MARKS][2][RANGES] VS_BIG;
static _Atomic unsigned state[VS_MARKS]; /* count * 2 + half */

static const struct vs_range *list_of(enum vs_mark mark)
{
	return halves[mark][state[mark] % 2];
}

static int count_of(enum vs_mark mark)
{
	return (int)(state[mark] / 2);
}

static _Atomic bool overflow;
static _Atomic unsigned changes;
static vs_lock lock;
static _Atomic long holder; /* thread */

bool vs_app_marks_held(void)
{
	long tid = holder;

	return vs_unlikely(tid) &&
	       (tid == vs_sys(SYS_gettid) || tid == vs_aside_of());
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

void vs_app_marks_hold(vs_sigset *mask)
{
	take(mask);
	holder = vs_sys(SYS_gettid);
}

void vs_app_marks_release(const vs_sigset *mask)
{
	holder = 0;
	drop(mask);
}

unsigned vs_app_marks_changes(void)
{
	return changes;
}

/* Index of the first range that ends after `addr`. */
static int first_after(enum vs_mark mark, uintptr_t addr)
{
	const struct vs_range *list = list_of(mark);
	int low = 0, high = count_of(mark);

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
	const struct vs_range *from = list_of(mark);
	unsigned half = state[mark] % 2 ^ 1;
	struct vs_range *to = halves[mark][half];
	int count = count_of(mark);

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

static int overlapping(enum vs_mark mark, int at, uintptr_t hi)
{
	const struct vs_range *list = list_of(mark);
	int n = 0;

	while (at + n < count_of(mark) && list[at + n].lo < hi)
		n++;
	return n;
}

static void add(enum vs_mark mark, uintptr_t lo, uintptr_t hi)
{
	const struct vs_range *list = list_of(mark);
	struct vs_range r = {lo, hi};
	int at, n;

	/* Neighbours are joined, too. */
	at = first_after(mark, lo ? lo - 1 : 0);
	n = overlapping(mark, at, hi + 1);
	if (n && list[at].lo < lo)
		r.lo = list[at].lo;
	if (n && list[at + n - 1].hi > hi)
		r.hi = list[at + n - 1].hi;
	replace(mark, at, n, &r, 1);
}

static bool remove_range(enum vs_mark mark, uintptr_t lo, uintptr_t hi)
{
	const struct vs_range *list = list_of(mark);
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

	if (vs_likely(!count_of(mark)) || lo >= hi)
		return false;
	take(&mask);
	found = remove_range(mark, lo, hi);
	drop(&mask);
	return found;
}

void vs_app_marks_move(const struct vs_range *old, const struct vs_range *new,
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

	if ((!count_of(VS_MARK_DONTFORK) && !count_of(VS_MARK_WIPEONFORK)) ||
	    lo >= hi)
		return false;
	take(&mask);
	found = any(lo, hi);
	drop(&mask);
	return found;
}

/* A mapping that has a mark of ours joins one beside it that has the program's:
 * the kernel has them as one. */
static bool unmark_between(uintptr_t lo, uintptr_t hi)
{
	const struct vs_range *list = list_of(VS_MARK_DONTFORK);
	int count = count_of(VS_MARK_DONTFORK);
	bool all = true;

	for (int i = first_after(VS_MARK_DONTFORK, lo); lo < hi; i++) {
		uintptr_t end = i < count && list[i].lo < hi ? list[i].lo : hi;

		if (lo < end &&
		    vs_sys(SYS_madvise, lo, end - lo, MADV_DOFORK) == -ENOMEM)
			all = false;
		lo = end < hi ? list[i].hi : hi;
	}
	return all;
}

bool vs_app_marks_unmark_others(uintptr_t lo, uintptr_t hi)
{
	vs_sigset mask;
	bool all;

	take(&mask);
	all = unmark_between(lo, hi);
	drop(&mask);
	return all;
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
