/* SPDX-License-Identifier: MIT
 *
 * See app_marks.h: the lists, kept by the wrappers of madvise, munmap and
 * mremap, as threads use them. A range too many there costs time only: of such
 * memory nothing is left out, and the kernel copies what it does natively.
 */
#include "memory/app_marks.h"

#include <errno.h>
#include <stddef.h>
#include <sys/mman.h>

#include "base/compiler.h"
#include "kernel/lock.h"
#include "kernel/sigmask.h"
#include "kernel/task/aside.h"
#include "memory/internal.h"

static vs_lock lock VS_HOT;
static _Atomic long holder VS_HOT; /* thread */

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

void vs_app_marks_add(enum vs_mark mark, uintptr_t lo, uintptr_t hi)
{
	vs_sigset mask;

	take(&mask);
	vs_marks_add(mark, lo, hi);
	drop(&mask);
}

bool vs_app_marks_remove(enum vs_mark mark, uintptr_t lo, uintptr_t hi)
{
	vs_sigset mask;
	bool found;

	if (vs_likely(!vs_marks_count(mark)) || lo >= hi)
		return false;
	take(&mask);
	found = vs_marks_remove(mark, lo, hi);
	drop(&mask);
	return found;
}

void vs_app_marks_move(const struct vs_range *old, const struct vs_range *new,
		       bool stays)
{
	for (enum vs_mark mark = 0; mark < VS_MARKS; mark++) {
		if (!vs_marks_remove(mark, old->lo, old->hi))
			continue;
		vs_marks_add(mark, new->lo, new->hi);
		if (stays)
			vs_marks_add(mark, old->lo, old->hi);
	}
}

static bool any(uintptr_t lo, uintptr_t hi)
{
	bool found = false;

	for (enum vs_mark mark = 0; mark < VS_MARKS; mark++)
		found = found ||
			vs_marks_overlap(mark, vs_marks_after(mark, lo), hi) >
				0;
	return found;
}

bool vs_app_marks_meet(uintptr_t lo, uintptr_t hi)
{
	vs_sigset mask;
	bool found;

	if ((!vs_marks_count(VS_MARK_DONTFORK) &&
	     !vs_marks_count(VS_MARK_WIPEONFORK)) ||
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
	const struct vs_range *list = vs_marks(VS_MARK_DONTFORK);
	int count = vs_marks_count(VS_MARK_DONTFORK);
	bool all = true;

	for (int i = vs_marks_after(VS_MARK_DONTFORK, lo); lo < hi; i++) {
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

void vs_app_marks_reset(void)
{
	vs_lock_reset(&lock);
	holder = 0;
}
