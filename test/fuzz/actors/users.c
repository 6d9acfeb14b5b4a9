/* SPDX-License-Identifier: MIT
 * Threads that take and drop descriptors: each knows which number it must get,
 * and what must be behind it. */
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>

#include "actors/users.h"

int sources[SOURCES];
bool tidy;

struct file file_of(int fd)
{
	struct stat st = {0};
	struct file f = {
		.open = !fstat(fd, &st), .dev = st.st_dev, .ino = st.st_ino};

	f.on_exec = fcntl(fd, F_GETFD) == FD_CLOEXEC;
	return f;
}

bool same_file(const struct file *a, const struct file *b)
{
	return a->open == b->open &&
	       (!a->open || (a->dev == b->dev && a->ino == b->ino &&
			     a->on_exec == b->on_exec));
}

/* The lowest free number from `least` on, or -1. */
static int expected(const struct user *u, int least)
{
	for (int i = least - u->low; i < u->room; i++) {
		if (!u->file[i].open)
			return u->low + i;
	}
	return -1;
}

/* It has got this one instead. */
static void got(struct user *u, int fd, int wanted)
{
	if (fd < 0 && wanted >= 0) {
		u->refused++;
	} else if (fd != wanted) {
		u->wrong++;
		close(fd);
	} else if (fd >= 0) {
		u->taken += !u->file[fd - u->low].open;
		u->file[fd - u->low] = file_of(fd);
	}
}

static void take_lowest(struct user *u)
{
	int fd, from = PICK(&u->r, sources), wanted = expected(u, 0);
	bool exec = !tidy && once_in(&u->r, 2);

	switch (below(&u->r, exec ? 7 : 6)) {
	case 0:
		fd = fcntl(from, exec ? F_DUPFD : F_DUPFD_CLOEXEC, 0);
		break;
	case 1:
		fd = epoll_create1(exec ? 0 : EPOLL_CLOEXEC);
		break;
	case 2:
		fd = eventfd(0, exec ? 0 : EFD_CLOEXEC);
		break;
	case 3:
		fd = memfd_create("fuzz", exec ? 0 : MFD_CLOEXEC);
		break;
	case 6:
		fd = dup(from);
		break;
	default:
		fd = open(once_in(&u->r, 2) ? "file0" : "/dev/null",
			  O_RDONLY | (exec ? 0 : O_CLOEXEC));
	}
	got(u, fd, wanted);
}

static void take_two(struct user *u)
{
	int ends[2] = {-1, -1}, first = expected(u, 0), second;
	int error;

	u->file[first].open = true;
	second = expected(u, 0);
	u->file[first].open = false;
	if (once_in(&u->r, 2))
		error = pipe2(ends, O_CLOEXEC);
	else
		error = socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0,
				   ends);
	got(u, error ? -1 : ends[0], first);
	got(u, error ? -1 : ends[1], second);
}

/* Where all of them are taken there is none; else that must be its own. */
static void take_own(struct user *u)
{
	int least = u->low + (int)below(&u->r, (unsigned)u->room);
	int wanted = expected(u, least), from = PICK(&u->r, sources);

	if (wanted < 0 && !u->limited)
		return;
	got(u,
	    fcntl(from, tidy || once_in(&u->r, 2) ? F_DUPFD_CLOEXEC : F_DUPFD,
		  least),
	    wanted);
}

static bool is_source(int fd)
{
	for (int i = 0; i < SOURCES; i++) {
		if (sources[i] == fd)
			return true;
	}
	return fd < 3;
}

static void take_this(struct user *u)
{
	int to = u->low + (int)below(&u->r, (unsigned)u->room);

	int from = PICK(&u->r, sources);

	if (is_source(to))
		return;
	if (tidy || once_in(&u->r, 2))
		got(u, dup3(from, to, O_CLOEXEC), to);
	else
		got(u, dup2(from, to), to);
}

/* What it has, and what it has not. */
static void look(struct user *u, int i)
{
	struct file now = file_of(u->low + i);

	if (same_file(&now, &u->file[i]))
		return;
	if (!u->file[i].open)
		u->strange++;
	else if (!now.open)
		u->lost++;
	else
		u->replaced++;
}

static void drop(struct user *u, int i)
{
	if (!u->file[i].open || is_source(u->low + i))
		return;
	if (once_in(&u->r, 2) ? close(u->low + i)
			      : (int)vs_sys(SYS_close, u->low + i))
		u->lost++;
	u->file[i].open = false;
	u->taken--;
}

void *use_descriptors(void *arg)
{
	struct user *u = arg;

	while (!scene_over) {
		int i = (int)below(&u->r, (unsigned)u->room);

		if (once_in(&u->r, 3))
			look(u, i);
		else if (u->taken >= u->most || once_in(&u->r, 3))
			drop(u, i);
		else if (once_in(&u->r, 4))
			take_this(u);
		else if (u->low)
			take_own(u);
		else if (once_in(&u->r, 3) && u->taken < u->most - 2)
			take_two(u);
		else
			take_lowest(u);
		if (once_in(&u->r, 10))
			usleep(below(&u->r, 100));
	}
	return NULL;
}

void say_user(struct user *u)
{
	for (int i = 0; i < u->room; i++)
		look(u, i);
	say(" wrong %u refused %u lost %u replaced %u strange %u", u->wrong,
	    u->refused, u->lost, u->replaced, u->strange);
}
