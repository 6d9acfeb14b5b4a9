/* SPDX-License-Identifier: MIT
 * Steps on the descriptor table. */
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <termios.h>

#include "fuzz.h"

#ifndef CLOSE_RANGE_UNSHARE
#	define CLOSE_RANGE_UNSHARE 2
#	define CLOSE_RANGE_CLOEXEC 4
#endif

static void close_one(struct rng *r)
{
	int fd = any_fd(r);
	long done;

	if (once_in(r, 2))
		done = close(fd) ? -errno : 0;
	else
		done = CALL(r, SYS_close, fd);
	say(" %d = %ld", fd, done);
}

static void close_many(struct rng *r)
{
	static const unsigned flags[] = {0,
					 0,
					 0,
					 CLOSE_RANGE_CLOEXEC,
					 CLOSE_RANGE_CLOEXEC,
					 CLOSE_RANGE_UNSHARE,
					 64};
	unsigned first = (unsigned)any_fd(r), flag = PICK(r, flags);
	unsigned last = once_in(r, 2) ? ~0U : first + below(r, 120);

	say(" %u %u %x = %ld", first, last, flag,
	    CALL(r, SYS_close_range, first, last, flag));
}

static void dup_to(struct rng *r)
{
	int from = any_fd(r), to = any_fd(r);
	long done;

	if (to > 1100 && to < INT_MAX)
		to = (int)below(r, 40); /* the table would grow and grow */
	switch (below(r, 3)) {
	case 0:
		done = dup2(from, to);
		done = done < 0 ? -errno : done;
		break;
	case 1:
		done = CALL(r, SYS_dup2, from, to);
		break;
	default:
		done = CALL(r, SYS_dup3, from, to,
			    once_in(r, 2) ? O_CLOEXEC
					  : (long)below(r, 2) * O_NONBLOCK);
	}
	say(" %d %d = %ld", from, to, done);
	opened((int)done);
}

static void dup_one(struct rng *r)
{
	static const int least[] = {0,	 3,    20,   99, 100,
				    101, 1000, 1023, -1, 5000};
	int from = any_fd(r), at = PICK(r, least);
	long done =
		once_in(r, 2)
			? CALL(r, SYS_dup, from)
			: CALL(r, SYS_fcntl, from,
			       once_in(r, 2) ? F_DUPFD : F_DUPFD_CLOEXEC, at);

	say(" %d %d = %ld", from, at, done);
	opened((int)done);
}

/* O_NONBLOCK stays, or a read might wait for ever. */
static void control(struct rng *r)
{
	static const int flags[] = {0, O_APPEND, O_NOATIME, O_ASYNC, O_DIRECT};
	int fd = any_fd(r);
	long done;

	switch (below(r, 6)) {
	case 0:
		done = CALL(r, SYS_fcntl, fd, F_GETFD);
		break;
	case 1:
		done = CALL(r, SYS_fcntl, fd, F_SETFD, (long)below(r, 3));
		break;
	case 2:
		done = CALL(r, SYS_fcntl, fd, F_GETFL);
		break;
	case 3:
		done = CALL(r, SYS_fcntl, fd, F_SETFL,
			    O_NONBLOCK | (model.wild ? PICK(r, flags) : 0));
		break;
	case 4:
		done = CALL(r, SYS_fcntl, fd, F_GETPIPE_SZ);
		break;
	default:
		/* A lease's owner is the process. */
		done = CALL(r, SYS_fcntl, fd, F_GETOWN);
		if (done > 0) {
			say(" %d owner %s", fd, who((int)done));
			return;
		}
	}
	say(" %d = %ld", fd, done);
}

static void control_odd(struct rng *r)
{
	static const int what[] = {F_SETOWN, F_SETPIPE_SZ, F_SETLEASE,
				   F_NOTIFY, F_ADD_SEALS,  F_GETSIG,
				   999};
	struct flock lock = {.l_type = (short)below(r, 3), .l_len = 10};
	int fd = any_fd(r), cmd = PICK(r, what);

	if (once_in(r, 2))
		say(" %d lock %d = %ld", fd, lock.l_type,
		    CALL(r, SYS_fcntl, fd, once_in(r, 2) ? F_SETLK : F_GETLK,
			 L(&lock)));
	else
		say(" %d %d = %ld", fd, cmd, CALL(r, SYS_fcntl, fd, cmd, 0));
}

static void device_control(struct rng *r)
{
	static const unsigned long what[] = {TCGETS,   TIOCGWINSZ, TIOCGPGRP,
					     FIOCLEX,  FIONCLEX,   FIONREAD,
					     FIONREAD, FIOCLEX,	   0x1234};
	unsigned long cmd = PICK(r, what);
	int fd = any_fd(r);
	char *at = any_pointer(r, 60);

	say(" %d %lx = %ld", fd, cmd, CALL(r, SYS_ioctl, fd, L(cmd), L(at)));
}

static void make_pipe(struct rng *r)
{
	int *ends = (int *)any_pointer(r, 8), own[2];
	long done;

	switch (below(r, 4)) {
	case 0:
		done = CALL(r, SYS_socketpair, AF_UNIX,
			    (once_in(r, 2) ? SOCK_STREAM : SOCK_DGRAM) |
				    SOCK_NONBLOCK,
			    0, L(ends));
		break;
	case 1:
		ends = own;
		done = pipe(own) ? -errno : 0;
		break;
	default:
		done = CALL(r, SYS_pipe2, L(ends),
			    O_NONBLOCK | (once_in(r, 2) ? O_CLOEXEC : 0));
	}
	say(" = %ld", done);
	if (!done) {
		say(" %d %d", ends[0], ends[1]);
		opened(ends[0]);
		opened(ends[1]);
	}
}

static void make_event(struct rng *r)
{
	long done;

	switch (below(r, 4)) {
	case 0:
		done = CALL(r, SYS_epoll_create1,
			    once_in(r, 2) ? O_CLOEXEC : 0);
		break;
	case 1:
		done = CALL(r, SYS_epoll_create, (long)below(r, 2));
		break;
	case 2:
		done = CALL(r, SYS_eventfd, 3);
		break;
	default:
		done = CALL(r, SYS_eventfd2, (long)below(r, 3),
			    EFD_NONBLOCK | (once_in(r, 2) ? EFD_CLOEXEC : 0));
	}
	say(" = %ld", done);
	opened((int)done);
}

const struct kind fd_kinds[] = {
	{"close", close_one, LOCAL | CLEAN | SETUP, 6},
	{"close_range", close_many, LOCAL | CLEAN, 2},
	{"dup2", dup_to, LOCAL | CLEAN | SETUP, 8},
	{"dup", dup_one, LOCAL | CLEAN | SETUP, 5},
	{"fcntl", control, LOCAL | CLEAN | SETUP, 5},
	{"odd fcntl", control_odd, OUTSIDE | SETUP, 2},
	{"ioctl", device_control, LOCAL | CLEAN | SETUP, 3},
	{"pipe", make_pipe, LOCAL | CLEAN | SETUP, 4},
	{"eventfd", make_event, LOCAL | CLEAN | SETUP, 2},
	{0},
};
