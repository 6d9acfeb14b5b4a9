/* SPDX-License-Identifier: MIT
 *
 * ioctl() of terminals. What sets something waits for the exec, if it can; what
 * asks is answered as if that had been done.
 */
#include <asm/ioctls.h>	  /* TCSETS2, which musl's <sys/ioctl.h> lacks */
#include <asm/termbits.h> /* what the kernel calls struct termios */
#include <errno.h>
#include <fcntl.h>
#include <linux/stat.h> /* musl 1.2.3 has no statx */
#include <stddef.h>
#include <sys/ioctl.h>
#include <sys/stat.h>

#include "txn/calls/internal.h"

#ifdef TCSETS2
enum { LARGEST = sizeof(struct termios2) };
#else
enum { LARGEST = sizeof(struct termios) };
#endif

static int group(void)
{
	return (int)vs_sys(SYS_getpgid, 0);
}

/* It does not come to this process at once, but natively it might. */
static bool is_for_nobody(int sig)
{
	struct vs_ksigaction action;

	vs_sigaction(sig, NULL, &action);
	return !vs_signals_blocked(sig) && !vs_is_handled(&action);
}

/* That of another size says SIGWINCH to who has its turn: this process, if the
 * terminal is its own. */
static bool set_size(const struct winsize *size)
{
	if (vs_terminal_waits() && !is_for_nobody(SIGWINCH))
		return false;
	vs_child_want((uintptr_t)size, sizeof(*size));
	vs_terminal_set_size(size);
	return true;
}

static bool set_attributes(const void *from)
{
	vs_child_want((uintptr_t)from, sizeof(struct termios));
	return vs_terminal_set_attributes(from);
}

/* Who is not in the foreground gets SIGTTOU for that, and stops, unless it is
 * of those that are let (__tty_check_change() in drivers/tty/tty_jobctrl.c). */
static bool may_take_turn(void)
{
	struct vs_ksigaction action;

	vs_sigaction(SIGTTOU, NULL, &action);
	return vs_signals_blocked(SIGTTOU) || vs_is_ignored(&action);
}

static bool set_turn(long fd, const int *to)
{
	int now;

	vs_child_want((uintptr_t)to, sizeof(*to));
	if (*to != group())
		return false;
	if (vs_terminal_waits())
		return vs_terminal_is(fd);
	if (!vs_turn_is_of(fd, &now))
		return false;
	if (vs_turn_waits())
		return *to == vs_turn_to();
	if (now == *to)
		return true;
	if (vs_txn.page->phase == VS_TXN_EXEC || !may_take_turn())
		return false;
	vs_turn_take(fd, *to);
	return true;
}

static bool set(const long args[6])
{
	switch ((unsigned)args[1]) {
	case TIOCSCTTY:
		/* That it may be stolen, argument 2, need not be if it is
		 * nobody's. */
		return vs_terminal_take(args[0]);
	case TIOCSPGRP:
		return set_turn(args[0], (const int *)args[2]);
	case TIOCSWINSZ:
		return vs_terminal_choose(args[0]) &&
		       set_size((const struct winsize *)args[2]);
	default:
		return vs_terminal_choose(args[0]) &&
		       set_attributes((void *)args[2]);
	}
}

static enum vs_answer answer_of_own(unsigned long request, void *to)
{
	const struct winsize *size;

	switch (request) {
	case TIOCGPGRP:
	case TIOCGSID:
		if (!vs_terminal_waits())
			return VS_NOT_KNOWN;
		*(int *)to = request == TIOCGSID ? (int)vs_sys(SYS_getsid, 0)
						 : group();
		return VS_ANSWERED;
	case TIOCGWINSZ:
		size = vs_terminal_size();
		if (!size)
			return VS_NOT_KNOWN;
		*(struct winsize *)to = *size;
		return VS_ANSWERED;
	default:
		return vs_terminal_get_attributes(request, to);
	}
}

static enum vs_answer answer(const long args[6])
{
	int now;

	if (!vs_terminal_known() && !vs_turn_waits())
		return VS_NOT_KNOWN;
	if (vs_is_terminal_master(args[0]))
		return VS_NOT_TOLD;
	vs_child_want((uintptr_t)args[2], LARGEST);
	if (vs_terminal_is(args[0]))
		return answer_of_own((unsigned)args[1], (void *)args[2]);
	if (!vs_turn_waits() || (unsigned)args[1] != TIOCGPGRP ||
	    !vs_turn_is_of(args[0], &now))
		return VS_NOT_KNOWN;
	*(int *)args[2] = vs_turn_to();
	return VS_ANSWERED;
}

/* A pipe, a socket, /dev/null and its like. To others the kernel may know the
 * request by another meaning. */
static bool is_no_terminal(const struct statx *st)
{
	enum { MEM_MAJOR = 1 };

	return S_ISFIFO(st->stx_mode) || S_ISSOCK(st->stx_mode) ||
	       (S_ISCHR(st->stx_mode) && st->stx_rdev_major == MEM_MAJOR);
}

/* That the kernel refuses it: to what is no terminal, and the turn on one that
 * is not this process's (tiocspgrp() in drivers/tty/tty_jobctrl.c). */
static bool is_refused(const long args[6])
{
	struct statx st;
	int now;

	if (vs_sys(SYS_statx, args[0], "", AT_EMPTY_PATH, STATX_BASIC_STATS,
		   &st))
		return false;
	return is_no_terminal(&st) ||
	       ((unsigned)args[1] == TIOCSPGRP && !vs_terminal_waits() &&
		vs_is_terminal_slave(&st) &&
		vs_sys(SYS_ioctl, args[0], TIOCGPGRP, &now) == -ENOTTY);
}

static enum vs_answer set_or_refuse(const long args[6])
{
	if (set(args))
		return VS_ANSWERED;
	return is_refused(args) ? VS_NOT_KNOWN : VS_NOT_TOLD;
}

enum vs_answer vs_terminal_call(const long args[6])
{
	switch ((unsigned)args[1]) {
	case TIOCGPGRP:
	case TIOCGSID:
	case TIOCGWINSZ:
	case TCGETS:
#ifdef TCGETS2
	case TCGETS2:
#endif
		return answer(args);
	case TIOCSCTTY:
	case TIOCSPGRP:
	case TIOCSWINSZ:
	case TCSETS:
#ifdef TCSETS2
	case TCSETS2:
#endif
		return set_or_refuse(args);
	default:
		return VS_NOT_THIS;
	}
}
