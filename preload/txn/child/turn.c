/* SPDX-License-Identifier: MIT
 *
 * Whose turn it is on the terminal that the child has from its parent: the
 * child of a shell puts its process group into the foreground. Others would
 * notice, so that waits until the exec.
 */
#include <stddef.h>
#include <sys/ioctl.h>

#include "txn/child/internal.h"

static struct {
	int fd; /* one number of the terminal */
	int to;
	int before; /* the group that had its turn */
	bool wanted, applied;
} turn;

bool vs_turn_waits(void)
{
	return turn.wanted;
}

/* The kernel tells the group only for the caller's controlling terminal, of
 * which there is one; or to the master's side of any (tiocgpgrp() in
 * drivers/tty/tty_jobctrl.c). */
bool vs_turn_is_of(long fd, int *now)
{
	return !vs_is_terminal_master(fd) &&
	       !vs_sys(SYS_ioctl, fd, TIOCGPGRP, now);
}

void vs_turn_take(long fd, int to)
{
	turn.fd = (int)fd;
	turn.to = to;
	turn.wanted = true;
}

int vs_turn_to(void)
{
	return turn.to;
}

/* ---- the exec ---- */

bool vs_turn_leave(unsigned first, unsigned last)
{
	enum { LOOK = 1024 };
	int now;

	if (!turn.wanted || (unsigned)turn.fd < first ||
	    (unsigned)turn.fd > last)
		return true;
	for (int fd = 0; fd < LOOK; fd++) {
		if (((unsigned)fd < first || (unsigned)fd > last) &&
		    vs_turn_is_of(fd, &now)) {
			turn.fd = fd;
			return true;
		}
	}
	return false;
}

/* Who is in the background may do it if SIGTTOU is blocked
 * (__tty_check_change() in the same file). */
static bool give_turn(int *to)
{
	uint64_t all = VS_ALL_SIGNALS, before;
	long r;

	vs_sys(SYS_rt_sigprocmask, SIG_BLOCK, &all, &before, VS_KSIGSET_SIZE);
	r = vs_sys(SYS_ioctl, turn.fd, TIOCSPGRP, to);
	vs_sys(SYS_rt_sigprocmask, SIG_SETMASK, &before, NULL, VS_KSIGSET_SIZE);
	return !r;
}

bool vs_turn_apply(void)
{
	if (!turn.wanted)
		return true;
	if (vs_sys(SYS_ioctl, turn.fd, TIOCGPGRP, &turn.before))
		return false;
	turn.applied = give_turn(&turn.to);
	return turn.applied;
}

void vs_turn_restore(void)
{
	if (turn.applied)
		give_turn(&turn.before);
	turn.applied = false;
}
