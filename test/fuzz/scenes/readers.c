/* SPDX-License-Identifier: MIT
 *
 * A scene: other threads read what /proc says of the process and of themselves
 * while this one forks: it stays the same, as long as nothing is changed. So
 * does what children read of themselves. A descriptor that is opened for it is
 * listed, too; two threads that do so have tables of their own.
 */
#include <sched.h>

#include "scenes/readers.h"

enum { READERS = 2 };

static struct reader {
	pthread_t thread;
	struct rng r;
	unsigned changed[VIEWS];
	char first[VIEWS][VIEW_SIZE], now[VIEW_SIZE];
	char example[200]; /* where a change begins, the first time */
} readers[READERS];

static int count;
static bool apart; /* with tables of their own */
static pthread_barrier_t known;

static void keep_example(struct reader *reader, const char *first)
{
	size_t at = 0;

	while (first[at] && first[at] == reader->now[at])
		at++;
	at = at > 20 ? at - 20 : 0;
	snprintf(reader->example, sizeof(reader->example), "%.60s, not %.60s",
		 reader->now + at, first + at);
}

static void *read_views(void *arg)
{
	struct reader *reader = arg;

	if (apart)
		unshare(CLONE_FILES);
	/* There are all of the threads, and none is being made. */
	pthread_barrier_wait(&known);
	for (int i = 0; i < VIEWS; i++)
		reader->first[i][view(i, reader->first[i])] = '\0';
	pthread_barrier_wait(&known);
	while (!scene_over) {
		int i = (int)below(&reader->r, VIEWS);

		reader->now[view(i, reader->now)] = '\0';
		/* When it is, threads end. */
		if (scene_over || !strcmp(reader->now, reader->first[i]))
			continue;
		if (!*reader->example)
			keep_example(reader, reader->first[i]);
		reader->changed[i]++;
	}
	return NULL;
}

/* ---- children ---- */

static void child(struct rng *r)
{
	static char room[VIEW_SIZE];
	bool all = once_in(r, 2);

	/* What the readers have. */
	close_range(3, ~0U, 0);
	if (once_in(r, 2))
		say(" memory %u", broken_pages(r, below(r, 30)));
	for (unsigned n = 1 + below(r, 4); n > 0; n--) {
		/* Lists and links a transaction may survive. */
		int i = (int)below(r, VIEWS);

		if (!all && views[i][strlen(views[i]) - 1] != '/' &&
		    views[i][0] != '@')
			i = 6;
		room[view(i, room)] = '\0';
		say(" %s: %.800s\n", views[i], room);
	}
	if (once_in(r, 3)) {
		flush_log();
		_exit(4);
	}
	become_dump(r);
}

static void one_child(struct rng *r, int number)
{
	(void)number;
	say(" status %x", (unsigned)end_of(begin(r, child)));
	spin_us(below(r, 300));
}

void readers_scene(uint64_t seed)
{
	struct rng r = rng_of(seed, SETTING);

	make_heap(&r);
	count = 1 + (int)below(&r, READERS);
	apart = count > 1 || once_in(&r, 2);
	pthread_barrier_init(&known, NULL, (unsigned)count + 1);
	for (int i = 0; i < count; i++) {
		readers[i].r.state = next(&r);
		start(&readers[i].thread, read_views, &readers[i]);
	}
	pthread_barrier_wait(&known);
	pthread_barrier_wait(&known);
	rounds(seed, 4 + below(&r, 12), one_child);
	for (int i = 0; i < count; i++) {
		pthread_join(readers[i].thread, NULL);
		say("reader %d %s\n", i, readers[i].example);
		for (int j = 0; j < VIEWS; j++)
			say(" %s changed %u\n", views[j],
			    readers[i].changed[j]);
	}
}
