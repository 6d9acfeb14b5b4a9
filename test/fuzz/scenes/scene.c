/* SPDX-License-Identifier: MIT
 * Scenes: which one a seed is, and what all of them use. */
#include "scenes/scene.h"
#include "world.h"

const struct scene scenes[] = {
	{"steps", run_program},	  {"numbers", numbers_scene},
	{"sent", sent_scene},	  {"first", first_scene},
	{"advice", advice_scene}, {"filters", filters_scene},
	{"spaces", spaces_scene}, {"readers", readers_scene},
	{"rights", rights_scene}, {0},
};

atomic_bool scene_over;

/* Then the first one waits, and is not there for signals. */
static void *play(void *arg)
{
	uint64_t seed = *(uint64_t *)arg;
	sigset_t none;

	sigemptyset(&none);
	pthread_sigmask(SIG_SETMASK, &none, NULL);
	scenes[seed >> SCENE_SHIFT].run(seed);
	end_scene(false);
}

void run_scene(uint64_t seed)
{
	static struct log log;
	uint64_t kind = seed >> SCENE_SHIFT;
	struct rng r = rng_of(seed, SETTING - 1);
	pthread_t thread;
	sigset_t all;

	current = &log;
	if (kind >= LENGTH(scenes) - 1) {
		say("no such kind\n");
		flush_log();
		return;
	}
	make_files();
	open_files(&r);
	/* Only the first three: who else has which number is the scene's. */
	close_range(3, ~0U, 0);
	say("%s %lu\n", scenes[kind].name, (unsigned long)seed);
	if (once_in(&r, 4)) {
		say("in a thread\n");
		start(&thread, play, &seed);
		sigfillset(&all);
		pthread_sigmask(SIG_SETMASK, &all, NULL);
		pthread_join(thread, NULL);
	}
	play(&seed);
}

void end_scene(bool at_once)
{
	say_left();
	flush_log();
	if (at_once)
		_exit(0);
	/* As in host.c. */
	signal(SIGXFSZ, SIG_IGN);
	close(STDERR_FILENO);
	exit(0);
}

void rounds(uint64_t seed, unsigned n, void (*round)(struct rng *r, int i))
{
	for (int i = 0; i < (int)n; i++) {
		struct rng r = rng_of(seed, i);

		if (!keep_step[i])
			continue;
		say("%d", i);
		round(&r, i);
		say("\n");
	}
	scene_over = true;
}
