/* SPDX-License-Identifier: MIT
 *
 * A child that becomes another user. Its parent, who watches the time, may not
 * be allowed to send it signals any more: then the child has a watch of its
 * own. That ends with its memory: the kernel takes timers away in execve(),
 * and what they have sent (begin_new_exec() in fs/exec.c).
 */
#include <linux/capability.h>
#include <signal.h>
#include <stddef.h>
#include <time.h>

#include "txn/calls/internal.h"

/* Milliseconds, more than the parent gives it (txn/await.c), so that its
 * time is over; and again. */
enum { TIME_LIMIT = 250, AGAIN = 50 };

struct ids {
	unsigned real, effective, saved;
};

static struct ids parents;
static bool known, parent_may_kill, watched;

static bool get_ids(struct ids *ids)
{
	return !vs_sys(SYS_getresuid, &ids->real, &ids->effective, &ids->saved);
}

static bool has_kill(void)
{
	struct __user_cap_header_struct header = {
		.version = _LINUX_CAPABILITY_VERSION_3};
	struct __user_cap_data_struct data[_LINUX_CAPABILITY_U32S_3] = {{0}};

	return !vs_sys(SYS_capget, &header, data) &&
	       data[0].effective >> CAP_KILL & 1;
}

void vs_ids_before(void)
{
	if (known)
		return;
	known = get_ids(&parents);
	parent_may_kill = has_kill();
}

/* As kill_ok_by_cred() in kernel/signal.c. */
static bool may_be_told(void)
{
	struct ids own;

	if (parent_may_kill)
		return true;
	return known && get_ids(&own) &&
	       (parents.effective == own.saved ||
		parents.effective == own.real || parents.real == own.saved ||
		parents.real == own.real);
}

bool vs_ids_watched(void)
{
	return watched;
}

void vs_ids_after(void)
{
	static const long ns = 1000000;
	/* Seconds and nanoseconds: of what comes again, and of the first. */
	const long times[] = {0, AGAIN * ns, 0, TIME_LIMIT * ns};
	struct sigevent event = {.sigev_notify = SIGEV_SIGNAL,
				 .sigev_signo = SIGSYS};
	int timer;

	if (watched || may_be_told())
		return;
	if (vs_sys(SYS_timer_create, CLOCK_MONOTONIC, &event, &timer) ||
	    vs_sys(SYS_timer_settime, timer, 0, times, NULL))
		vs_child_rollback(VS_UNDONE_NO_RESOURCE, 0);
	watched = true;
}
