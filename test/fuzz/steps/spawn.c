/* SPDX-License-Identifier: MIT
 * posix_spawn(): random attributes, file actions and programs. */
#include <sched.h>
#include <spawn.h>

#include "fuzz.h"
#include "world.h"

#ifndef POSIX_SPAWN_SETSID
#	define POSIX_SPAWN_SETSID 0x80
#endif

extern char **environ;

typedef posix_spawn_file_actions_t actions_t;

enum { ACTIONS = 4 }; /* at most */

/* A step can be left out like any other. */
static void add_action(struct rng *r, actions_t *to, bool keep)
{
	static const int flags[] = {O_RDONLY, O_RDWR, O_WRONLY | O_CREAT,
				    O_RDONLY | O_CLOEXEC, O_RDWR | O_EXCL};
	int fd = any_fd(r), other = any_fd(r), flag = PICK(r, flags), error;
	unsigned what = below(r, 12);
	char room[PATH_MAX];

	/* What must fail, fails all that follows: not too often. */
	if (once_in(r, 2)) {
		fd = (int)below(r, 3);
		other = (int)below(r, 10);
	}
	any_path(r, room);
	if (once_in(r, 2))
		strcpy(room, once_in(r, 2) ? "file0" : "d");
	if (!keep)
		return;
	/* Nobody knows where that will be. */
	if (*room != '/')
		flag &= ~O_CREAT;
	if (what < 4)
		error = posix_spawn_file_actions_adddup2(to, fd, other);
	else if (what < 6)
		error = posix_spawn_file_actions_addclose(to, other);
	else if (what < 8)
		error = posix_spawn_file_actions_addopen(
			to, other, room, flag | O_NONBLOCK, 0600);
	else if (what == 8)
		error = posix_spawn_file_actions_addchdir_np(to, room);
	else if (what == 9)
		error = posix_spawn_file_actions_addfchdir_np(to, fd);
	else if (what == 10)
		error = posix_spawn_file_actions_addclosefrom_np(to, other);
	else
		error = posix_spawn_file_actions_addtcsetpgrp_np(to, fd);
	say("action %u %d %d %x %.40s = %d\n", what, fd, other, flag, room,
	    error);
}

static void any_signals(struct rng *r, sigset_t *set)
{
	uint64_t bits = next(r) & next(r) & next(r);

	sigemptyset(set);
	memcpy(set, &bits, sizeof(bits));
}

static void set_attributes(struct rng *r, posix_spawnattr_t *attr)
{
	static const int groups[] = {0, 0, 1 << 30, -1};
	static const int policies[] = {SCHED_OTHER, SCHED_BATCH, SCHED_FIFO, 9};
	short flags = (short)(next(r) & next(r) & 0xff);
	struct sched_param param = {.sched_priority = (int)below(r, 3)};
	int group = PICK(r, groups), policy = PICK(r, policies);
	sigset_t set;

	if (once_in(r, 10))
		flags |= 0x400;
	say("attributes %x group %d policy %d %d = %d", flags, group, policy,
	    param.sched_priority, posix_spawnattr_setflags(attr, flags));
	any_signals(r, &set);
	say(" %d", posix_spawnattr_setsigmask(attr, &set));
	any_signals(r, &set);
	say(" %d", posix_spawnattr_setsigdefault(attr, &set));
	say(" %d", posix_spawnattr_setpgroup(attr, group));
	say(" %d", posix_spawnattr_setschedpolicy(attr, policy));
	say(" %d\n", posix_spawnattr_setschedparam(attr, &param));
}

/* More of each, and what it can be asked for again. */
static void more_attributes(struct rng *r, posix_spawnattr_t *attr)
{
	static const int policies[] = {SCHED_RR,
				       SCHED_IDLE,
				       SCHED_BATCH,
				       SCHED_FIFO | SCHED_RESET_ON_FORK,
				       SCHED_OTHER | SCHED_RESET_ON_FORK,
				       -1};
	static const int priorities[] = {0, 0, 1, 99, 100, -1};
	const int groups[] = {getpgrp(), shared->batch, 0, 1, INT_MIN};
	struct sched_param param = {.sched_priority = PICK(r, priorities)};
	int group = PICK(r, groups), policy = PICK(r, policies);
	short flags;
	sigset_t set;

	posix_spawnattr_getflags(attr, &flags);
	flags |= (short)(1 << below(r, 8));
	say("more %x %d", (unsigned short)flags,
	    posix_spawnattr_setflags(attr, flags));
	if (once_in(r, 2))
		say(" group %s %d", who(group),
		    posix_spawnattr_setpgroup(attr, group));
	if (once_in(r, 2)) {
		say(" policy %x %d", (unsigned)policy,
		    posix_spawnattr_setschedpolicy(attr, policy));
		say(" priority %d %d", param.sched_priority,
		    posix_spawnattr_setschedparam(attr, &param));
	}
	sigfillset(&set);
	if (once_in(r, 4))
		say(" mask %d", posix_spawnattr_setsigmask(attr, &set));
	if (once_in(r, 4))
		say(" default %d", posix_spawnattr_setsigdefault(attr, &set));
	say("\n");
}

static const char *any_program(struct rng *r, char *room)
{
	static const char *const names[] = {
		"image",   "text",    "data",	  "file0", "d", "script",
		"nowhere", "file0/x", "locked/x", "link",  ""};
	const char *name = once_in(r, 3) ? PICK(r, names) : "image";

	if (model.later && once_in(r, 4) && room_for_loader(ACTIONS))
		name = "dynamic";
	if (once_in(r, 4))
		snprintf(room, PATH_MAX, "%s", name);
	else
		snprintf(room, PATH_MAX, "%s/w/%s", folder, name);
	return room;
}

struct call {
	const char *file;
	bool search;
	const actions_t *actions;
	const posix_spawnattr_t *attr;
	char *const *words, *const *variables;
	bool no_pid; /* to be told */
};

static void spawn_and_wait(const struct call *c)
{
	pid_t pid = -1, got;
	int error, status = 0;

	flush_log();
	error = (c->search ? posix_spawnp : posix_spawn)(
		c->no_pid ? NULL : &pid, c->file, c->actions, c->attr, c->words,
		c->variables);
	got = waitpid(-1, &status, 0);
	say("spawn%s %s = %d\n", c->search ? "p" : "", c->file, error);
	say("wait %s %x\n",
	    got < 0	 ? strerror(errno)
	    : got == pid ? "child"
			 : "other",
	    status);
}

static void spawn_one(struct rng *r, const bool *keep)
{
	char room[PATH_MAX], id[16], log[] = "spawned\n";
	char *words[] = {(char *)"fuzz-image", id, log, (char *)"w", NULL};
	char *variables[] = {(char *)"FUZZ=1", NULL};
	struct call c = {.words = words, .search = once_in(r, 2)};
	bool with = !once_in(r, 4);
	posix_spawnattr_t attr;
	actions_t actions;

	c.file = any_program(r, room);
	c.actions = with ? &actions : NULL;
	c.attr = &attr;
	snprintf(id, sizeof(id), "%d", shared->id);
	posix_spawnattr_init(&attr);
	posix_spawn_file_actions_init(&actions);
	if (once_in(r, 2))
		set_attributes(r, &attr);
	for (unsigned i = 0, n = below(r, ACTIONS + 1); i < n; i++)
		add_action(r, &actions, keep[i]);
	c.variables = once_in(r, 2) ? environ : variables;
	if (model.later) {
		if (once_in(r, 2))
			more_attributes(r, &attr);
		c.attr = once_in(r, 8) ? NULL : &attr;
		c.variables = once_in(r, 16) ? NULL : c.variables;
		c.no_pid = once_in(r, 8);
	}
	spawn_and_wait(&c);
	/* It is all as good as new. */
	if (model.later && once_in(r, 4))
		spawn_and_wait(&c);
	posix_spawn_file_actions_destroy(&actions);
	posix_spawnattr_destroy(&attr);
}

void run_spawn(uint64_t seed)
{
	struct rng r = {seed};
	static struct log log;
	char stack[STACK_ROOM] __attribute__((aligned(PAGE)));
	int n = 1 + (int)below(&r, 4);

	memset(stack, 1, sizeof(stack));
	stack_room = stack;
	current = &log;
	model.later = seed >= LATER_SEEDS;
	make_files();
	open_files(&r);
	make_memory(seed);
	say("program %lu\n", (unsigned long)seed);
	setenv("PATH", once_in(&r, 2) ? "/no:.:w" : "/bin", 1);
	run_setup(seed);
	for (int i = 1; i <= n; i++) {
		struct rng own = {seed * 31 + (uint64_t)i};

		if (keep_step[i * 100 + 99])
			spawn_one(&own, keep_step + i * 100);
	}
	dump();
	flush_log();
}
