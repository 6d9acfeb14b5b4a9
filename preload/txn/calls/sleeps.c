/* SPDX-License-Identifier: MIT
 *
 * Calls that wait for the time. The parent's thread waits meanwhile, so only
 * shortly.
 */
#include <errno.h>
#include <stddef.h>
#include <time.h>

#include "kernel/sys.h"
#include "txn/calls/internal.h"

enum { SECOND = 1000000000 };

long vs_duration(int64_t seconds, int64_t rest, long unit)
{
	int64_t ns = rest * unit;

	return seconds || ns < 0 || ns > VS_SHORT ? VS_LONG : (long)ns;
}

/* In a struct of 64 bits, where `long` has 32. */
static bool is_wide(long nr)
{
#ifdef SYS_clock_gettime64
	return nr == SYS_ppoll_time64 || nr == SYS_pselect6_time64 ||
	       nr == SYS_clock_nanosleep_time64 ||
	       nr == SYS_rt_sigtimedwait_time64;
#else
	(void)nr;
	return false;
#endif
}

/* Seconds and a rest. */
static void read_time(long nr, long time, int64_t to[2])
{
	const int64_t *wide = (void *)time;
	const long *narrow = (void *)time;

	vs_child_want((uintptr_t)time, 2 * sizeof(*wide));
	to[0] = is_wide(nr) ? wide[0] : narrow[0];
	to[1] = is_wide(nr) ? wide[1] : narrow[1];
}

long vs_duration_of(long nr, long time)
{
	int64_t t[2];

	if (!time)
		return VS_LONG;
	read_time(nr, time, t);
	return vs_duration(t[0], t[1], nr == VS_SYS_SELECT ? 1000 : 1);
}

/* Until then; what is no time at all is refused at once. */
static long duration_until(long nr, long clock, long time)
{
	int64_t t[2], left;

	read_time(nr, time, t);
	if (t[0] < 0 || t[1] < 0 || t[1] >= SECOND)
		return 0;
	if (t[0] > INT64_MAX / SECOND - 1)
		return VS_LONG;
	left = t[0] * SECOND + t[1] - (int64_t)vs_clock_ns(clock);
	return left > 0 ? vs_duration(0, left, 1) : 0;
}

/* Altogether. */
static void may_take(long nr, long ns)
{
	static long slept;

	slept += ns;
	if (ns == VS_LONG || slept > 2L * VS_SHORT)
		vs_child_rollback(VS_UNDONE_SYSCALL, nr);
}

/* nanosleep() and clock_nanosleep(). */
long vs_sleep_call(long nr, const long args[6])
{
	bool clock = nr != SYS_nanosleep;
	long time = args[clock ? 2 : 0];

	if (clock && args[1] == TIMER_ABSTIME && time)
		may_take(nr, duration_until(nr, args[0], time));
	else if (clock && args[1])
		vs_child_rollback(VS_UNDONE_SYSCALL, nr);
	else
		may_take(nr, vs_duration_of(nr, time));
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

/* Any signal is another child's affair: it would be handled, or taken. */
static void must_have_none(void)
{
	uint64_t pending = 0;

	vs_sys(SYS_rt_sigpending, &pending, VS_KSIGSET_SIZE);
	if (pending)
		vs_child_rollback(VS_UNDONE_SIGNAL, 0);
}

/* sigtimedwait(): none has come. They are all blocked in truth, so that the
 * call itself would take what is not blocked and has a handler; it only waits
 * as long, for none. */
long vs_sigtimedwait_call(long nr, const long args[6])
{
	long ns = vs_duration_of(nr, args[2]);
	static const uint64_t none;
	const uint64_t *set = (const uint64_t *)args[0];

	may_take(nr, ns);
	if (!set || args[3] != VS_KSIGSET_SIZE)
		vs_child_rollback(VS_UNDONE_SYSCALL, nr);
	vs_child_want((uintptr_t)set, VS_KSIGSET_SIZE);
	must_have_none();
	/* As the kernel does, which it may not reach. */
	(void)*(const volatile uint64_t *)set;
	if (ns)
		vs_sys(nr, &none, NULL, args[2], VS_KSIGSET_SIZE);
	must_have_none();
	return -EAGAIN;
}
