/* SPDX-License-Identifier: MIT
 *
 * A scene: threads that leave namespaces, and fork, while others do so or fork
 * from where they have been all the time. A child tells by its status where it
 * is: which namespaces are not the program's, whether it is the first process
 * of one, and whose name of the host, whose files and whose clock it has.
 */
#include <sched.h>

#include "scenes/spaces.h"

#ifndef CLONE_NEWTIME
#	define CLONE_NEWTIME 0x80
#endif

enum { THREADS = 3 };

const struct space spaces[SPACES] = {
	{"uts", CLONE_NEWUTS}, {"mnt", CLONE_NEWNS},  {"ipc", CLONE_NEWIPC},
	{"pid", CLONE_NEWPID}, {"net", CLONE_NEWNET}, {"time", CLONE_NEWTIME}};

int descriptors[SPACES];
static char links[SPACES][64];
static uint64_t began_us;
static struct traveller travellers[THREADS];

static const char *link_name(int i, char *room)
{
	sprintf(room, "/proc/self/ns/%s", spaces[i].name);
	return room;
}

/* Of the one who made the child; the host's name has his letter. */
int where(void)
{
	char name[32], text[64], host[65] = "";
	int bits = 0;
	ssize_t n;

	for (int i = 0; i < SPACES; i++) {
		n = readlink(link_name(i, name), text, sizeof(text) - 1);
		text[n < 0 ? 0 : n] = '\0';
		if (strcmp(text, links[i]))
			bits |= 1 << i;
	}
	if (getpid() == 1)
		bits |= IS_FIRST;
	gethostname(host, sizeof(host));
	if (!strncmp(host, "fuzz", 4) || access("d/inner", F_OK) ||
	    now_us() > began_us + 500000000)
		bits |= OWN_THINGS;
	return bits;
}

void tell_where(struct rng *r)
{
	int bits = where();

	if (broken_pages(r, below(r, 20)))
		_exit(250);
	if (once_in(r, 4))
		_exit(bits);
	become_exit(r, (unsigned)bits);
}

void remember_spaces(void)
{
	char name[32];

	began_us = now_us();
	for (int i = 0; i < SPACES; i++) {
		ssize_t n = readlink(link_name(i, name), links[i],
				     sizeof(links[i]) - 1);

		links[i][n < 0 ? 0 : n] = '\0';
		descriptors[i] = open(name, O_RDONLY | O_CLOEXEC);
	}
}

static void one_child(struct rng *r, int number)
{
	(void)number;
	say(" status %x", (unsigned)end_of(begin(r, tell_where)));
	spin_us(below(r, 500));
}

void spaces_scene(uint64_t seed)
{
	struct rng r = rng_of(seed, SETTING);
	int count = 1 + (int)below(&r, THREADS);

	make_heap(&r);
	remember_spaces();
	for (int i = 0; i < count; i++) {
		travellers[i].r.state = next(&r);
		start(&travellers[i].thread, travel, &travellers[i]);
	}
	rounds(seed, below(&r, 8), one_child);
	for (int i = 0; i < count; i++) {
		struct traveller *t = &travellers[i];

		pthread_join(t->thread, NULL);
		say("thread %d:", i);
		for (int j = 0; j < t->steps; j++)
			say(" %s %lx", t->step[j].what, t->step[j].done);
		say("\n");
	}
	say("here: %x\n", (unsigned)where());
	say_bare_child(NULL);
}
