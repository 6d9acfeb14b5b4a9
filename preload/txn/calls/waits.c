/* SPDX-License-Identifier: MIT
 *
 * Calls that may wait. The parent's thread waits meanwhile, so only shortly,
 * and from now on; longer only where there is nothing to wait for: what is
 * ready is a question of poll() and select(), which changes nothing.
 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/stat.h> /* musl 1.2.3 has no statx */
#include <poll.h>
#include <stddef.h>
#include <sys/stat.h>
#include <sys/vfs.h>

#include "txn/calls/internal.h"

#ifndef SYSFS_MAGIC /* linux/magic.h */
#	define SYSFS_MAGIC 0x62656572
#endif

/* ---- how long ---- */

/* In nanoseconds; what is longer counts as for ever. */
enum { SHORT = 5000000, LONG };

static long duration(int64_t seconds, int64_t rest, long unit)
{
	int64_t ns = rest * unit;

	return seconds || ns < 0 || ns > SHORT ? LONG : (long)ns;
}

/* Of seconds and a rest. */
static long in_longs(const long *t, long unit)
{
	vs_child_want((uintptr_t)t, 2 * sizeof(*t));
	return t ? duration(t[0], t[1], unit) : LONG;
}

/* In a struct of 64 bits, where `long` has 32. */
static bool is_wide(long nr)
{
#ifdef SYS_clock_gettime64
	return nr == SYS_ppoll_time64 || nr == SYS_pselect6_time64 ||
	       nr == SYS_clock_nanosleep_time64;
#else
	(void)nr;
	return false;
#endif
}

static long duration_of(long nr, long time)
{
	const int64_t *t = (void *)time;

	if (!is_wide(nr))
		return in_longs((void *)time, nr == VS_SYS_SELECT ? 1000 : 1);
	vs_child_want((uintptr_t)t, 2 * sizeof(*t));
	return t ? duration(t[0], t[1], 1) : LONG;
}

/* nanosleep() and clock_nanosleep(). */
long vs_sleep_call(long nr, const long args[6])
{
	static long slept;
	bool clock = nr != SYS_nanosleep;
	long time = duration_of(nr, args[clock ? 2 : 0]);

	slept += time;
	if (time == LONG || slept > 2L * SHORT || (clock && args[1]))
		vs_child_rollback(VS_UNDONE_SYSCALL, nr);
	return vs_sys(nr, args[0], args[1], args[2], args[3]);
}

/* A child that lets others run, over and over, waits for something that one of
 * them does: no use to go on until its time is over. */
long vs_yield_call(long nr)
{
	enum { OFTEN = 64 };
	static unsigned times;

	if (++times > OFTEN)
		vs_child_rollback(VS_UNDONE_SYSCALL, nr);
	return vs_sys(nr);
}

/* ---- of what ---- */

/* To be polled without an effect on who else has it open: what /proc and /sys
 * have to say, some say once (mounts_poll() in fs/proc_namespace.c). */
static bool may_be_polled(long fd)
{
	struct statx st;
	struct statfs fs;
	long r;

	if (fd < 0 || vs_mem_fd_is(fd) || vs_fd_absent(fd) || vs_owner(fd))
		return true;
	r = vs_sys(SYS_statx, fd, "", AT_EMPTY_PATH | AT_STATX_DONT_SYNC,
		   STATX_TYPE, &st);
	if (vs_fd_result(fd, r))
		return r == -EBADF;
	if (!S_ISREG(st.stx_mode) && !S_ISDIR(st.stx_mode))
		return true;
	r = vs_sys(SYS_fstatfs, fd, &fs);
	return !r && fs.f_type != PROC_SUPER_MAGIC && fs.f_type != SYSFS_MAGIC;
}

/* Other signals are let through meanwhile: there must be none. */
static void try_mask(long nr, const uint64_t *mask, long size)
{
	uint64_t pending = 0;

	if (!mask)
		return;
	if (size != VS_KSIGSET_SIZE)
		vs_child_rollback(VS_UNDONE_SYSCALL, nr);
	vs_child_want((uintptr_t)mask, VS_KSIGSET_SIZE);
	vs_sys(SYS_rt_sigpending, &pending, VS_KSIGSET_SIZE);
	if (pending & ~*mask)
		vs_child_rollback(VS_UNDONE_SIGNAL, 0);
}

/* Only now, where it would take too long. */
static const int64_t now[2];

/* ---- poll() ---- */

/* The memory's number is not open: puts `to` in its place. */
static void replace(struct pollfd *list, unsigned long n, int from, int to)
{
	for (unsigned long i = 0; i < n; i++) {
		if (list[i].fd == from)
			list[i].fd = to;
	}
}

long vs_poll_call(long nr, const long args[6])
{
	enum { MOST = 1 << 16, NOT_OPEN = INT_MAX };
	struct pollfd *list = (void *)args[0];
	unsigned long n = (unsigned)args[1];
	long time, r;

#ifdef SYS_poll
	if (nr == SYS_poll)
		time = duration(0, (int)args[2], 1000000);
	else
#endif
		time = duration_of(nr, args[2]);
	if (n > MOST)
		vs_child_rollback(VS_UNDONE_SYSCALL, nr);
	vs_child_want((uintptr_t)list, n * sizeof(*list));
	for (unsigned long i = 0; i < n; i++) {
		if (list[i].fd == NOT_OPEN || !may_be_polled(list[i].fd))
			vs_child_rollback(VS_UNDONE_SYSCALL, nr);
	}
#ifdef SYS_poll
	if (nr != SYS_poll)
#endif
		try_mask(nr, (const uint64_t *)args[3], args[4]);
	if (vs_txn.mem_fd >= 0)
		replace(list, n, vs_txn.mem_fd, NOT_OPEN);
	if (time == LONG)
		r = vs_sys(SYS_ppoll, list, n, now, NULL, 0);
	else
		r = vs_sys(nr, list, n, args[2], NULL, 0);
	if (r == 0 && time == LONG)
		vs_child_rollback(VS_UNDONE_SYSCALL, nr);
	replace(list, n, NOT_OPEN, vs_txn.mem_fd);
	return r;
}

/* ---- select() ---- */

enum { MOST_SELECTED = 1024, SETS = 3, WORD = 8 * sizeof(long) };

static bool in_a_set(long *const sets[SETS], long fd)
{
	for (int i = 0; i < SETS; i++) {
		if (sets[i] &&
		    (unsigned long)sets[i][fd / WORD] >> fd % WORD & 1)
			return true;
	}
	return false;
}

long vs_select_call(long nr, const long args[6])
{
	long *const sets[SETS] = {(long *)args[1], (long *)args[2],
				  (long *)args[3]};
	const long *mask = (const long *)args[5];
	long n = (int)args[0], time = duration_of(nr, args[4]), r;

	if (n < 0 || n > MOST_SELECTED)
		vs_child_rollback(VS_UNDONE_SYSCALL, nr);
	for (int i = 0; i < SETS; i++)
		vs_child_want((uintptr_t)sets[i], MOST_SELECTED / 8);
	for (long fd = 0; fd < n; fd++) {
		if (in_a_set(sets, fd) &&
		    (vs_mem_fd_is(fd) || !may_be_polled(fd)))
			vs_child_rollback(VS_UNDONE_SYSCALL, nr);
	}
	if (nr != VS_SYS_SELECT && mask) {
		vs_child_want((uintptr_t)mask, 2 * sizeof(*mask));
		try_mask(nr, (const uint64_t *)mask[0], mask[1]);
	}
	if (time == LONG)
		r = vs_sys(SYS_pselect6, n, sets[0], sets[1], sets[2], now,
			   NULL);
	else
		r = vs_sys(nr, n, sets[0], sets[1], sets[2], args[4], NULL);
	if (r == 0 && time == LONG)
		vs_child_rollback(VS_UNDONE_SYSCALL, nr);
	return r;
}
