/* SPDX-License-Identifier: MIT
 *
 * A scene: up to three other threads take and drop descriptors while this one
 * forks. One takes the lowest numbers, the others have some of their own, by
 * F_DUPFD and dup3(). Its own descriptors, and its child's, stay what they are.
 */
#include <sys/resource.h>

#include "actors/users.h"

enum { FREE = 150 }; /* a number that nobody has */

static struct user users[USERS];
static struct file source_files[SOURCES];
static int count;

static void child(struct rng *r)
{
	unsigned bad = 0, broken = broken_pages(r, below(r, 40));
	int fd;

	spin_us(once_in(r, 2) ? below(r, 1000) : 0);
	for (int i = 0; i < SOURCES; i++) {
		struct file now = file_of(sources[i]);

		bad += !same_file(&now, &source_files[i]);
	}
	fd = fcntl(sources[0], F_DUPFD, FREE);
	say(" child: memory %u files %u own %d", broken, bad, fd);
	if (tidy && once_in(r, 2))
		become_dump(r);
	bad += broken + (fd != FREE);
	if (once_in(r, 4))
		_exit((int)bad);
	become_exit(r, bad);
}

static void fork_once(struct rng *r, int number)
{
	pid_t pid = begin(r, child);

	(void)number;
	say(" status %x memory %u", end_of(pid), broken_pages(r, 5));
	if (once_in(r, 2))
		spin_us(below(r, 300));
}

static void open_sources(struct rng *r)
{
	static const char *const names[] = {"file0", "file1", "d", "text"};

	for (int i = 0; i < SOURCES; i++) {
		int at = 3 + 3 * i + (int)below(r, 3);
		int fd = open(PICK(r, names), O_RDONLY);

		sources[i] = fcntl(
			fd, once_in(r, 2) ? F_DUPFD : F_DUPFD_CLOEXEC, at);
		if (sources[i] != fd)
			close(fd);
		source_files[i] = file_of(sources[i]);
	}
}

static void make_users(struct rng *r)
{
	static const int lows[] = {60, 64, 84, 90, 99, 100, 101, 112};
	int low = PICK(r, lows), end;

	count = 1 + (int)below(r, USERS);
	for (int i = 0; i < count; i++) {
		struct user *u = &users[i];

		u->r.state = next(r);
		u->low = i ? low + ROOM * (i - 1) : 0;
		u->room = i ? ROOM : LOWEST;
		u->most = i ? ROOM - 2 : MOST;
		for (int j = 0; !i && j < LOWEST; j++)
			u->file[j] = file_of(j);
	}
	end = users[count - 1].low + users[count - 1].room;
	if (count > 1 && end < FREE && once_in(r, 3)) {
		struct rlimit limit = {(rlim_t)end, 4096};

		users[count - 1].limited = true;
		users[count - 1].most = ROOM;
		setrlimit(RLIMIT_NOFILE, &limit);
	}
	say("users %d from %d limit %d\n", count, low,
	    users[count - 1].limited ? end : 0);
}

void numbers_scene(uint64_t seed)
{
	struct rng r = rng_of(seed, SETTING);

	make_heap(&r);
	tidy = once_in(&r, 2);
	open_sources(&r);
	make_users(&r);
	for (int i = 0; i < count; i++)
		start(&users[i].thread, use_descriptors, &users[i]);
	rounds(seed, 6 + below(&r, 20), fork_once);
	for (int i = 0; i < count; i++) {
		struct user *u = &users[i];

		pthread_join(u->thread, NULL);
		say("user %d:", i);
		say_user(u);
		say("\n");
	}
	say_bare_child(NULL);
}
