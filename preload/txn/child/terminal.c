/* SPDX-License-Identifier: MIT
 *
 * The terminal that the child makes its own, with the size and the attributes
 * that it gives that. A leader of a session that leaves takes its terminal away
 * from everybody, but for a pseudo-terminal, which may be taken again then. So
 * it waits until the exec, and the child is told as if it had been done. The
 * same is done for one that it only sets up.
 */
#include <asm/ioctls.h>	  /* TCSETS2, which musl's <sys/ioctl.h> lacks */
#include <asm/termbits.h> /* what the kernel calls struct termios */
#include <fcntl.h>
#include <linux/stat.h> /* musl 1.2.3 has no statx */
#include <stddef.h>
#include <sys/ioctl.h>
#include <sys/stat.h>

#include "base/bytes.h"
#include "txn/child/internal.h"

/* The larger form, which has the speeds as numbers, too; the other is its
 * beginning. glibc 2.42 and newer know only this one. */
#ifdef TCSETS2
typedef struct termios2 attributes;
#	define GET TCGETS2
#	define SET TCSETS2
#else
typedef struct termios attributes;
#	define GET TCGETS
#	define SET TCSETS
#endif

_Static_assert(offsetof(attributes, c_cc) == offsetof(struct termios, c_cc),
	       "one begins as the other does");

/* Its own: `fd` is one of its numbers. */
static struct {
	int fd;
	bool known, wanted, taken;
	bool sized, resized;
	struct winsize size, size_before;
	bool set_up, changed;
	bool speeds_known; /* those of `attributes` */
	attributes attributes, before;
} own;

static bool is_leader(void)
{
	return vs_sys(SYS_getsid, 0) == vs_sys(SYS_getpid);
}

/* ---- which terminal ---- */

static bool get_slave(long fd, struct statx *st)
{
	return !vs_sys(SYS_statx, fd, "", AT_EMPTY_PATH, STATX_BASIC_STATS,
		       st) &&
	       vs_is_terminal_slave(st);
}

static bool same_terminal(long a, long b)
{
	struct statx one, other;

	return get_slave(a, &one) && get_slave(b, &other) &&
	       one.stx_ino == other.stx_ino &&
	       one.stx_dev_major == other.stx_dev_major &&
	       one.stx_dev_minor == other.stx_dev_minor;
}

bool vs_terminal_waits(void)
{
	return own.wanted && !own.taken;
}

bool vs_terminal_known(void)
{
	return own.known && !own.taken;
}

bool vs_terminal_is(long fd)
{
	return vs_terminal_known() && same_terminal(own.fd, fd);
}

/* One that is not, and no other is, and that is not this process's: it gets no
 * signal for it. */
bool vs_terminal_choose(long fd)
{
	struct statx st;
	int group;

	if (own.known)
		return vs_terminal_is(fd);
	if (vs_txn.page->phase == VS_TXN_EXEC || !get_slave(fd, &st) ||
	    !vs_same_open_file(fd, fd) ||
	    !vs_sys(SYS_ioctl, fd, TIOCGPGRP, &group))
		return false;
	own.fd = (int)fd;
	own.known = true;
	return true;
}

/* ---- to take one ---- */

/* A leader of a session has no terminal yet: it became one in this child, by
 * setsid(). */
bool vs_terminal_take(long fd)
{
	if (own.wanted)
		return !own.taken && vs_same_open_file(own.fd, fd);
	if (vs_txn.page->phase == VS_TXN_EXEC || vs_turn_waits() ||
	    !is_leader() || !vs_terminal_choose(fd))
		return false;
	own.fd = (int)fd;
	own.wanted = true;
	return true;
}

/* The kernel makes the first terminal that a leader opens its own. */
bool vs_terminal_opened(long fd)
{
	return own.wanted || !is_leader() || vs_terminal_take(fd);
}

/* ---- what is set ---- */

/* A few must be what they are, and some may be locked (pty_set_termios() in
 * drivers/tty/pty.c, unset_locked_termios() in tty_ioctl.c). */
static bool stay_as_set(const attributes *t)
{
	enum { FIXED = CSIZE | PARENB | CREAD };
	struct termios locked;
	const char *byte = (const char *)&locked;

	if ((t->c_cflag & FIXED) != (CS8 | CREAD) ||
	    (t->c_cflag & CBAUD) == BOTHER ||
	    (t->c_cflag >> IBSHIFT & CBAUD) == BOTHER ||
	    vs_sys(SYS_ioctl, own.fd, TIOCGLCKTRMIOS, &locked))
		return false;
	for (size_t i = 0; i < sizeof(locked); i++) {
		if (byte[i])
			return false;
	}
	return true;
}

/* What the codes of speeds stand for the kernel finds out; the same ones stand
 * for what they do now. */
bool vs_terminal_set_attributes(const void *from)
{
	attributes to;
	unsigned changed;

	if (vs_sys(SYS_ioctl, own.fd, GET, &to))
		return false;
	changed = to.c_cflag;
	vs_copy_up((char *)&to, from, sizeof(struct termios));
	changed ^= to.c_cflag;
	own.speeds_known = !(changed & (CBAUD | CIBAUD));
	own.attributes = to;
	own.set_up = true;
	return stay_as_set(&own.attributes);
}

enum vs_answer vs_terminal_get_attributes(unsigned long request, void *to)
{
	if (!own.set_up)
		return VS_NOT_KNOWN;
	if (request != TCGETS && !own.speeds_known)
		return VS_NOT_TOLD;
	vs_copy_up(to, (char *)&own.attributes,
		   request == TCGETS ? sizeof(struct termios)
				     : sizeof(own.attributes));
	return VS_ANSWERED;
}

void vs_terminal_set_size(const struct winsize *size)
{
	own.size = *size;
	own.sized = true;
}

const struct winsize *vs_terminal_size(void)
{
	return own.sized ? &own.size : NULL;
}

/* ---- the exec ---- */

bool vs_terminal_leave(unsigned first, unsigned last)
{
	return !vs_terminal_known() || vs_stays_open(&own.fd, first, last);
}

static bool set_up(void)
{
	if (own.sized) {
		if (vs_sys(SYS_ioctl, own.fd, TIOCGWINSZ, &own.size_before) ||
		    vs_sys(SYS_ioctl, own.fd, TIOCSWINSZ, &own.size))
			return false;
		own.resized = true;
	}
	if (!own.set_up)
		return true;
	own.changed = !vs_sys(SYS_ioctl, own.fd, GET, &own.before) &&
		      !vs_sys(SYS_ioctl, own.fd, SET, &own.attributes);
	return own.changed;
}

/* Size and attributes before it is taken: then SIGWINCH is for nobody. */
bool vs_terminal_apply(void)
{
	if (!vs_terminal_known())
		return true;
	if (!set_up() ||
	    (own.wanted && vs_sys(SYS_ioctl, own.fd, TIOCSCTTY, 0)))
		return false;
	own.taken = own.wanted;
	return true;
}

/* But what it has taken stays as it is: of that it is the only one to know. */
void vs_terminal_restore(void)
{
	if (own.taken)
		return;
	if (own.resized)
		vs_sys(SYS_ioctl, own.fd, TIOCSWINSZ, &own.size_before);
	if (own.changed)
		vs_sys(SYS_ioctl, own.fd, SET, &own.before);
	own.resized = own.changed = false;
}
