/* SPDX-License-Identifier: MIT
 *
 * See reading.h. Where there are other threads a task aside does it, whose
 * fault is no more than its end.
 */
#include "memory/reading.h"

#include <errno.h>
#include <stddef.h>

#include "base/compiler.h"
#include "base/range.h"
#include "kernel/own_memory.h"
#include "kernel/sys.h"
#include "kernel/task/aside.h"
#include "kernel/unharmed/read_self.h"
#include "libc/threads.h"

/* By loads it cannot be: no such task could be had, or it came upon faults. */
static bool pins VS_HOT;

/* The other way may have what loads may not: where there is a protection key.
 * Nobody can read what is not there, or has a fault of its own, as a guard
 * region: to try that by the other way would be all that it takes to pin. */
long vs_reading_take(void *to, uintptr_t from, uintptr_t len)
{
	long r = pins ? -EINVAL : vs_read_self(to, from, len);

	return r == -EINVAL ? vs_read_self_pinning(to, from, len) : r;
}

bool vs_reading_take_whole(void *to, uintptr_t from, uintptr_t len)
{
	return (pins ? vs_read_self_pinning : vs_read_self)(to, from, len) ==
	       (long)len;
}

long vs_reading_take_pages(unsigned char *to, uintptr_t from, uintptr_t len)
{
	uintptr_t done = 0, piece;
	long r = 0;

	for (; done < len; done += piece) {
		piece = VS_PAGE - (from + done) % VS_PAGE;
		piece = piece < len - done ? piece : len - done;
		r = vs_reading_take(to + done, from + done, piece);
		if (r != (long)piece)
			break;
	}
	return done ? (long)done : r;
}

/* Who has made a task by the system call itself, without libc, may have one
 * that shares memory. */
static bool is_alone(bool filtered)
{
	return vs_single_threaded() && (filtered || !vs_memory_is_shared());
}

/* That something is unmapped just then hardly ever happens twice. */
static bool aside(void (*work)(void *arg), void *arg)
{
	enum { TIMES = 2 };

	for (int i = 0; i < TIMES; i++) {
		if (!vs_aside_reading(work, arg))
			return true;
	}
	return false;
}

void vs_reading(void (*work)(void *arg), void *arg, bool filtered)
{
	bool can = vs_can_read_self();

	if (can && is_alone(filtered)) {
		work(arg);
		return;
	}
	if (can && aside(work, arg))
		return;
	pins = true;
	work(arg);
	pins = false;
}
