/* SPDX-License-Identifier: MIT
 *
 * Calls on the memory map. What the program marks as not for its children
 * (MADV_DONTFORK, MADV_WIPEONFORK, MAP_DROPPABLE), unmaps and moves is known to
 * memory/app_marks.h, and is not taken for a mark of ours.
 */
#include <errno.h>
#include <stdarg.h>
#include <stdint.h>
#include <sys/mman.h>
#include <unistd.h>

#include "entry/internal.h"
#include "memory/app_marks.h"
#include "port.h"

/* By the next function, or by number where the program did so: the function
 * may be another library's, and itself made of syscall() (tcmalloc's are). */
#define BY(by_number, name, ...)                                 \
	((by_number) ? VS_REAL(syscall)(SYS_##name, __VA_ARGS__) \
		     : (long)VS_REAL(name)(__VA_ARGS__))

/* The pages that a call is about, as the kernel rounds their end up; none, if
 * that is beyond the end of memory, which it refuses. */
static struct vs_range pages_of(uintptr_t lo, size_t len)
{
	uintptr_t hi = vs_page_up(lo + len);

	return (struct vs_range){lo, lo + len < lo || hi < lo ? lo : hi};
}

static int watch_madvise(bool by_number, void *addr, size_t len, int advice)
{
	const struct vs_range at = pages_of((uintptr_t)addr, len);
	bool marks = (advice == MADV_DONTFORK || advice == MADV_WIPEONFORK) &&
		     at.hi > at.lo;
	bool clears = advice == MADV_DOFORK || advice == MADV_KEEPONFORK;
	enum vs_mark mark = advice == MADV_DONTFORK || advice == MADV_DOFORK
				    ? VS_MARK_DONTFORK
				    : VS_MARK_WIPEONFORK;
	int r;

	if (vs_likely(!marks || vs_speculative)) {
		r = (int)BY(by_number, madvise, addr, len, advice);
		if (clears && !r && !vs_speculative)
			vs_app_marks_remove(mark, at.lo, at.hi);
		return r;
	}
	/* Not between our own marking and unmarking; and known before it is
	 * made, so that nobody takes it for a stray one of ours. If it fails,
	 * a part may have been made. */
	vs_gate_enter_native();
	vs_app_marks_add(mark, at.lo, at.hi);
	r = (int)BY(by_number, madvise, addr, len, advice);
	vs_gate_leave_native();
	return r;
}

VS_EXPORT int madvise(void *addr, size_t len, int advice)
{
	return watch_madvise(false, addr, len, advice);
}

/* MAP_DROPPABLE, of the types of a mapping (Linux 6.11): a child finds zeros
 * there, as after MADV_WIPEONFORK. */
bool vs_is_droppable(int flags)
{
	enum { TYPE = 0xf, DROPPABLE = 8 };

	return (flags & TYPE) == DROPPABLE;
}

static bool is_watched(int flags)
{
	return vs_is_droppable(flags) && !vs_speculative;
}

static void *mark_wiped(void *at, size_t len)
{
	const struct vs_range pages = pages_of((uintptr_t)at, len);

	if (at != MAP_FAILED)
		vs_app_marks_add(VS_MARK_WIPEONFORK, pages.lo, pages.hi);
	return at;
}

VS_EXPORT void *mmap(void *addr, size_t len, int protection, int flags, int fd,
		     off_t offset)
{
	void *at;

	if (vs_likely(!is_watched(flags)))
		return VS_REAL(mmap)(addr, len, protection, flags, fd, offset);
	vs_gate_enter_native();
	at = mark_wiped(VS_REAL(mmap)(addr, len, protection, flags, fd, offset),
			len);
	vs_gate_leave_native();
	return at;
}

/* Not a part of musl's interface since 1.2.4, and a macro before. */
#undef mmap64
VS_EXPORT void *mmap64(void *addr, size_t len, int protection, int flags,
		       int fd, off64_t offset);
VS_EXPORT void *mmap64(void *addr, size_t len, int protection, int flags,
		       int fd, off64_t offset)
{
	void *at;

	if (vs_likely(!is_watched(flags)))
		return VS_REAL(mmap64)(addr, len, protection, flags, fd,
				       offset);
	vs_gate_enter_native();
	at = mark_wiped(
		VS_REAL(mmap64)(addr, len, protection, flags, fd, offset), len);
	vs_gate_leave_native();
	return at;
}

static long map_wiped_by_number(const long args[6])
{
	void *at;

	vs_gate_enter_native();
	at = mark_wiped((void *)VS_REAL(syscall)(VS_SYS_MMAP, args[0], args[1],
						 args[2], args[3], args[4],
						 args[5]),
			(size_t)args[1]);
	vs_gate_leave_native();
	return (long)at;
}

/* Before the call: another thread may map and mark the place after it. */
static int watch_munmap(bool by_number, void *addr, size_t len)
{
	const struct vs_range at = pages_of((uintptr_t)addr, len);
	bool marked[VS_MARKS];
	int r;

	for (enum vs_mark mark = 0; mark < VS_MARKS; mark++) {
		marked[mark] = !vs_speculative &&
			       vs_app_marks_remove(mark, at.lo, at.hi);
	}
	r = (int)BY(by_number, munmap, addr, len);
	/* Too much costs time only. */
	for (enum vs_mark mark = 0; mark < VS_MARKS; mark++) {
		if (vs_unlikely(r && marked[mark]))
			vs_app_marks_add(mark, at.lo, at.hi);
	}
	return r;
}

VS_EXPORT int munmap(void *addr, size_t len)
{
	return watch_munmap(false, addr, len);
}

/* MREMAP_DONTUNMAP, by its number: glibc before 2.32 has no name for it. */
enum { DONTUNMAP = 4 };

/* Its marks go with it, and are the application's all the way. */
static long move_marked(bool by_number, const struct vs_range *old,
			size_t new_len, int flags, void *fixed)
{
	struct vs_range new;
	vs_sigset mask;
	long r;

	vs_gate_enter_native();
	vs_app_marks_hold(&mask);
	r = BY(by_number, mremap, (void *)old->lo, old->hi - old->lo, new_len,
	       flags, fixed);
	new = pages_of((uintptr_t)r, new_len);
	if (r != -1)
		vs_app_marks_move(old, &new, flags & DONTUNMAP);
	vs_app_marks_release(&mask);
	vs_gate_leave_native();
	return r;
}

/*
 * The kernel moves one mapping at a time, and says EFAULT for more. A mark may
 * split one for as long as a transaction lasts, if it is made between our look
 * at the map and the marking; so that error is worth another try without one.
 */
static long watch_mremap(bool by_number, void *old, size_t old_len,
			 size_t new_len, int flags, void *fixed)
{
	const struct vs_range from = pages_of((uintptr_t)old, old_len);
	long r;

	/* Held: this is the second half of move_marked()'s own call. */
	if (!vs_speculative && !vs_app_marks_held() &&
	    vs_app_marks_meet(from.lo, from.hi))
		return move_marked(by_number, &from, new_len, flags, fixed);
	r = BY(by_number, mremap, old, old_len, new_len, flags, fixed);
	if (r == -1 && errno == EFAULT && !vs_speculative) {
		vs_gate_enter_native();
		r = BY(true, mremap, old, old_len, new_len, flags, fixed);
		vs_gate_leave_native();
	}
	return r;
}

VS_EXPORT void *mremap(void *old, size_t old_len, size_t new_len, int flags,
		       ...)
{
	void *fixed;
	va_list more;

	va_start(more, flags);
	fixed = va_arg(more, void *);
	va_end(more);
	return (void *)watch_mremap(false, old, old_len, new_len, flags, fixed);
}

long vs_watch_memory_call(long nr, const long args[6])
{
	if (nr == SYS_madvise)
		return watch_madvise(true, (void *)args[0], (size_t)args[1],
				     (int)args[2]);
	if (nr == VS_SYS_MMAP)
		return map_wiped_by_number(args);
	if (nr == SYS_munmap)
		return watch_munmap(true, (void *)args[0], (size_t)args[1]);
	return watch_mremap(true, (void *)args[0], (size_t)args[1],
			    (size_t)args[2], (int)args[3], (void *)args[4]);
}
