/* SPDX-License-Identifier: MIT
 *
 * One program: what it sets up, then its children, one after the other. Each
 * step draws from random numbers of its own, so that it stays the same when
 * others are left out.
 */
#include <sys/syscall.h>

#include "fuzz.h"
#include "world.h"

enum { PHASE = 100, LAST = PHASE - 1, CONTEXT = PHASE - 2 };

struct model model;
bool keep_step[10 * PHASE];

static const struct kind *const lists[] = {
	memory_kinds,  map_kinds,   transfer_kinds, id_kinds,
	fd_kinds,      file_kinds,  state_kinds,    signal_kinds,
	outside_kinds, setup_kinds, full_kinds,	    crowd_kinds};

long call(struct rng *r, long nr, const long a[6])
{
	long done;

	if (once_in(r, 2))
		return vs_syscall6(nr, a[0], a[1], a[2], a[3], a[4], a[5]);
	done = syscall(nr, a[0], a[1], a[2], a[3], a[4], a[5]);
	return done == -1 ? -errno : done;
}

/* ---- steps ---- */

/* By weight, among those that have all of `need` and none of `without`. */
static const struct kind *choose(struct rng *r, int need, int without)
{
	unsigned total = 0, at;

	without |= model.later ? 0 : LATER;
	for (int pass = 0;; pass++) {
		at = pass ? below(r, total) : 0;
		for (int i = 0; i < LENGTH(lists); i++) {
			for (const struct kind *k = lists[i]; k->name; k++) {
				if ((k->flags & need) != need ||
				    k->flags & without ||
				    (!need && (k->flags & ~LATER) == SETUP))
					continue;
				if (pass && at < (unsigned)k->weight)
					return k;
				at -= pass ? (unsigned)k->weight : 0;
				total += pass ? 0 : (unsigned)k->weight;
			}
		}
	}
}

struct rng rng_of(uint64_t seed, int step)
{
	struct rng r = {seed * 0x2545f4914f6cdd1d + (uint64_t)step};

	next(&r);
	return r;
}

static void step(uint64_t seed, int number, int need, int without)
{
	struct rng r = rng_of(seed, number);
	const struct kind *kind = choose(&r, need, without);

	if (!keep_step[number])
		return;
	say("%d %s", number, kind->name);
	kind->run(&r);
	say("\n");
}

static void steps(uint64_t seed, int phase, int n, int need, int without)
{
	for (int i = 0; i < n; i++)
		step(seed, phase * PHASE + i, need, without);
}

/* ---- a child ---- */

static int how_many(struct rng *r)
{
	return (int)below(r, once_in(r, 4) ? 30 : 9);
}

_Noreturn void run_child(uint64_t seed, int phase)
{
	struct rng r = rng_of(seed, phase * PHASE + LAST);
	bool keep = keep_step[phase * PHASE + LAST];
	static struct log log;

	current = &log;
	log.used = 0;
	model.child = true;
	model.wild = !model.clean && once_in(&r, 3);
	say("child %s%s\n", model.clean ? "clean" : "",
	    model.wild ? "wild" : "");
	steps(seed, phase, how_many(&r), model.clean ? CLEAN : 0,
	      model.wild || model.clean ? 0 : OUTSIDE);
	say("%d end", phase * PHASE + LAST);
	end_child(&r, !keep);
}

static void say_end(pid_t pid)
{
	int status = 0;
	pid_t r;

	do
		r = waitpid(pid, &status, 0);
	while (r < 0 && errno == EINTR);
	say(": %s, wait %s status %x\n", pid > 0 ? "child" : "none",
	    r == pid ? "child" : strerror(errno), r == pid ? status : 0);
}

static void run_round(uint64_t seed, int phase)
{
	int number = phase * PHASE + CONTEXT;
	struct rng r = rng_of(seed, number);
	uint64_t memory = world_hash(false);

	round_now.seed = seed;
	round_now.phase = phase;
	flush_log();
	make_child(&r, !keep_step[number]);
	say_end(round_now.pid);
	say("memory %s %lx\n", memory == world_hash(false) ? "same" : "changed",
	    memory);
}

/* ---- a child's child: two steps, and an end ---- */

void fork_again(struct rng *r)
{
	struct rng own = {next(r)};
	volatile unsigned how = below(r, 6);
	struct log *log = current;
	pid_t pid;
	int status = 0;

	flush_log();
	/* libc waits for threads that a bare fork has not told it are gone. */
	if (model.threads && how <= 1)
		how = 3;
	switch (how) {
	case 0:
		pid = _Fork();
		break;
	case 1:
		pid = (pid_t)vs_sys(SYS_clone, SIGCHLD, 0, 0, 0, 0);
		break;
	case 2:
		pid = vfork();
		if (!pid)
			_exit(7);
		break;
	default:
		pid = fork();
	}
	if (!pid) {
		model.depth++;
		say("grandchild\n");
		for (int i = 0; i < 3; i++) {
			const struct kind *kind = choose(&own, LOCAL, 0);

			say("- %s", kind->name);
			kind->run(&own);
			say("\n");
		}
		end_child(&own, false);
	}
	current = log;
	while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	say(" way %u = %s %x", how, pid > 0 ? "child" : "none", status);
}

void run_setup(uint64_t seed)
{
	struct rng r = rng_of(seed, CONTEXT);

	steps(seed, 0, (int)below(&r, 8), SETUP, 0);
}

void run_program(uint64_t seed)
{
	char room[STACK_ROOM] __attribute__((aligned(PAGE)));
	struct rng r = rng_of(seed, LAST);
	static struct log log;
	int rounds = 1 + (int)below(&r, 3);

	memset(room, (int)seed, sizeof(room));
	stack_room = room;
	current = &log;
	model.clean = seed % 8 == 7;
	model.later = seed >= LATER_SEEDS;
	make_files();
	open_files(&r);
	make_memory(seed);
	say("program %lu\n", (unsigned long)seed);
	run_setup(seed);
	for (int i = 1; i <= rounds; i++)
		run_round(seed, i);
	dump();
	say("memory %lx\n", world_hash(seed % 64 == 3));
	flush_log();
}
