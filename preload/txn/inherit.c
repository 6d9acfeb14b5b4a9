/* SPDX-License-Identifier: MIT
 * The signals that a child gets whose place it has taken. In that child, in the
 * handler of SIGSYS: raw system calls only. */
#include <signal.h>
#include <stddef.h>
#include <time.h>

#include "base/compiler.h"
#include "kernel/ksignal.h"
#include "kernel/sys.h"
#include "txn/internal.h"

/* All that is blocked, which the mask of the handler that made the clone leaves
 * little out of, is taken from the queue, in the order in which it came. */
static void take_own(struct vs_left_signals *own)
{
	uint64_t which = VS_ALL_SIGNALS & ~VS_SIGBIT(SIGSYS);
	struct timespec now = {0};

	own->count = 0;
	while (own->count < VS_MAX_SIGNALS &&
	       vs_sys(SYS_rt_sigtimedwait, &which, &own->info[own->count], &now,
		      VS_KSIGSET_SIZE) > 0)
		own->count++;
}

/* Of what was sent to the group while the clone was being made, the kernel lets
 * the new process know no more than that it came (copy_process() in
 * kernel/fork.c, since Linux 4.19). */
static bool is_bare(const siginfo_t *info)
{
	return info->si_code == SI_USER && !info->si_pid && !info->si_uid;
}

static bool same_signal(const siginfo_t *a, const siginfo_t *b)
{
	return a->si_code == b->si_code && a->si_pid == b->si_pid &&
	       a->si_value.sival_ptr == b->si_value.sival_ptr;
}

/* It is taken out, if it is there. */
static void take_out(struct vs_left_signals *own, const siginfo_t *info)
{
	for (int i = 0; i < own->count; i++) {
		siginfo_t *mine = &own->info[i];

		if (mine->si_signo == info->si_signo &&
		    (same_signal(mine, info) || is_bare(mine))) {
			mine->si_signo = 0;
			return;
		}
	}
}

static void add(struct vs_left_signals *left, const siginfo_t *info)
{
	if (info->si_signo && left->count < VS_MAX_SIGNALS)
		left->info[left->count++] = *info;
}

/* What was sent to the group when this one was in it already both have had:
 * that comes once, in its place. */
void vs_inherit_late(struct vs_left_signals *left,
		     const struct vs_left_signals *all)
{
	static struct vs_left_signals own VS_BIG;

	take_own(&own);
	for (int i = left->count; i < all->count; i++) {
		take_out(&own, &all->info[i]);
		add(left, &all->info[i]);
	}
	for (int i = 0; i < own.count; i++)
		add(left, &own.info[i]);
}

void vs_inherit(const struct vs_left_signals *left)
{
	long self = vs_sys(SYS_getpid);

	for (int i = 0; i < left->count; i++)
		vs_sys(SYS_rt_sigqueueinfo, self, left->info[i].si_signo,
		       &left->info[i]);
}
