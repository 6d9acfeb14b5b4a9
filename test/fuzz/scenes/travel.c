/* SPDX-License-Identifier: MIT
 * What a thread does that leaves namespaces, comes back, and forks. */
#include <sched.h>
#include <sys/mount.h>

#include "scenes/spaces.h"

/* The first process of a namespace, if it is one, stays there until it is told
 * by a byte: others may have the pipe, too. */
static __thread int init_told;

static void init(struct rng *r)
{
	char c;

	(void)r;
	if (read(init_told, &c, 1) != 1)
		_exit(251);
	_exit(where());
}

static void note(struct traveller *t, const char *what, long done)
{
	if (t->steps < STEPS) {
		t->step[t->steps].what = what;
		t->step[t->steps++].done = done;
	}
}

static long by(struct rng *r, long nr, int a, int b)
{
	long done;

	switch (below(r, 3)) {
	case 0:
		return vs_sys(nr, a, b);
	case 1:
		done = syscall(nr, a, b);
		break;
	default:
		done = nr == SYS_unshare ? unshare(a) : setns(a, b);
	}
	return done < 0 ? -errno : done;
}

static void write_offset(void)
{
	static const char text[] = "monotonic 1000 0\n";
	int fd = open("/proc/thread-self/timens_offsets", O_WRONLY | O_CLOEXEC);

	if (write(fd, text, sizeof(text) - 1) < 0)
		errno = 0;
	close(fd);
}

static void leave(struct traveller *t)
{
	int i = (int)below(&t->r, SPACES);
	long done;

	/* That takes long. */
	if (spaces[i].flag == CLONE_NEWNET && !once_in(&t->r, 4))
		i = 0;
	done = by(&t->r, SYS_unshare, spaces[i].flag, 0);
	note(t, spaces[i].name, done);
	if (done)
		return;
	if (spaces[i].flag == CLONE_NEWUTS)
		sethostname("fuzz", 4);
	if (spaces[i].flag == CLONE_NEWNS) {
		mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL);
		mount("none", "d", "tmpfs", 0, NULL);
	}
	if (spaces[i].flag == 0x80 /* CLONE_NEWTIME */)
		write_offset();
}

static void come_back(struct traveller *t)
{
	int i = (int)below(&t->r, SPACES);

	note(t, "back", by(&t->r, SYS_setns, descriptors[i], 0));
	/* One's folder is the root's then. */
	if (chdir(folder) || chdir("w"))
		note(t, "lost", errno);
}

static void leave_an_init(struct traveller *t)
{
	int ends[2];

	if (t->init || pipe2(ends, O_CLOEXEC))
		return;
	init_told = ends[0];
	t->stays = ends[1];
	t->init = begin_quietly(&t->r, init);
	close(ends[0]);
	note(t, "init", t->init > 0);
	if (t->init < 0)
		close(t->stays);
}

static void end_init(struct traveller *t)
{
	if (t->init <= 0)
		return;
	if (write(t->stays, "x", 1) == 1)
		note(t, "end", end_of(t->init));
	close(t->stays);
	t->init = 0;
}

void *travel(void *arg)
{
	struct traveller *t = arg;

	while (t->steps < STEPS - 1) {
		switch (below(&t->r, 8)) {
		case 0:
		case 1:
			leave(t);
			break;
		case 2:
			come_back(t);
			break;
		case 3:
			leave_an_init(t);
			break;
		case 4:
			end_init(t);
			break;
		default:
			note(t, "child",
			     end_of(begin_quietly(&t->r, tell_where)));
		}
	}
	end_init(t);
	return NULL;
}
