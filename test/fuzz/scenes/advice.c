/* SPDX-License-Identifier: MIT
 *
 * A scene: calls on every sort of memory, by a child before it execs or exits,
 * and by its parent before; what the child finds in that memory, and what its
 * parent has there afterwards. The library is to be told by libc of
 * MADV_DONTFORK and MADV_WIPEONFORK, and of what such memory becomes: see
 * libvspawn(7).
 */
#include "actors/movers.h"
#include "actors/regions.h"

enum { PER_ROUND = 100, BY_PARENT = 50 };

static uint64_t scene_seed;

static int round_now;

static void child(struct rng *r)
{
	unsigned n = 1 + below(r, 8);

	gentle = !once_in(r, 3);
	for (unsigned i = 0; i < n; i++)
		act_on_memory(scene_seed, (round_now + 1) * PER_ROUND + (int)i);
	if (once_in(r, 2))
		become_dump(r);
	flush_log();
	_exit(5);
}

static void one_child(struct rng *r, int number)
{
	unsigned n = below(r, 4);

	round_now = number;
	say("\n");
	for (unsigned i = 0; i < n; i++)
		act_on_memory(scene_seed,
			      (number + 1) * PER_ROUND + BY_PARENT + (int)i);
	say("before %lx\n", hash_regions());
	say("status %x", (unsigned)end_of(begin(r, child)));
	say(" after %lx memory %u", hash_regions(), broken_pages(r, 20));
}

void advice_scene(uint64_t seed)
{
	char stack[1 << 17] __attribute__((aligned(PAGE)));
	struct rng r = rng_of(seed, SETTING);

	memset(stack, (int)seed, sizeof(stack));
	scene_seed = seed;
	make_heap(&r);
	make_regions(seed, stack, sizeof(stack));
	start_movers(&r);
	rounds(seed, 2 + below(&r, 5), one_child);
	end_movers();
	say_bare_child(broken_movers);
	end_scene(false);
}
