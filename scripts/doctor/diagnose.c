/* SPDX-License-Identifier: MIT
 * All that can be said of this machine and of a command, and the verdict. */
#include <stdlib.h>

#include "doctor.h"

struct case_ {
	const char *library, *self;
	const struct who *who;
	enum mark have; /* the library */
	struct image image;
	struct trial trial;
};

static int judge_here(const struct case_ *it)
{
	const struct trial *trial = &it->trial;

	if (it->have == NO)
		return report_end(NO_USE, "no use here: the library cannot be "
					  "loaded");
	if (!trial->ran)
		return report_end(CANNOT_TELL, "cannot tell: the trial failed");
	if (trial->forks && trial->spawns)
		return report_end(FINE, "works here, for fork and for "
					"posix_spawn and vfork");
	if (trial->forks)
		return report_end(FINE, "works here for fork; the rest stays "
					"with the C library");
	if (trial->spawns)
		return report_end(FINE,
				  "works here for posix_spawn and vfork; fork "
				  "stays with the C library: %s",
				  trial->why);
	return report_end(NO_USE, "no use here: %s", trial->why);
}

/* What it makes is what the machine can make cheap. */
static int judge_target(const struct case_ *it, unsigned ways)
{
	const struct trial *trial = &it->trial;
	bool fork = ways & BY_FORK && trial->forks;
	bool spawn = ways & BY_SPAWN && trial->spawns;

	if (!trial->ran || (!trial->forks && !trial->spawns))
		return judge_here(it);
	if (fork)
		return report_end(FINE, "its fork can be made cheap%s",
				  spawn ? ", and what it spawns" : "");
	if (spawn)
		return report_end(FINE,
				  "its posix_spawn and vfork can be made "
				  "cheap%s%s",
				  ways & BY_FORK ? "; not its fork: " : "",
				  ways & BY_FORK ? trial->why : "");
	if (ways & BY_FORK)
		return report_end(NO_USE,
				  "no use: fork stays with the C "
				  "library: %s",
				  trial->why);
	if (ways & BY_PLUGIN)
		return report_end(CANNOT_TELL, "cannot tell whether it makes "
					       "processes; try --stats");
	return report_end(NO_USE, "no use: it makes no processes that could "
				  "be made cheaper");
}

/* Once the library is known to be good, and nothing else in the way. */
static int try_command(struct case_ *it, struct target *target, char **command)
{
	struct loaded loaded;
	unsigned ways;
	int r;

	loader_list(target, it->library, it->who, &loaded);
	ways = imports_check(target, it->library, &loaded);
	rules_check(command, it->self);
	trial_run(it->library, it->self, target->image.interp, it->who,
		  &it->trial);
	if (loaded.library == NO)
		r = report_end(NO_USE, "no use: the library will not be in it");
	else if (loaded.library == UNKNOWN || it->have == UNKNOWN)
		r = report_end(CANNOT_TELL,
			       "cannot tell whether its loader takes it");
	else
		r = judge_target(it, ways);
	loader_free(&loaded);
	return r;
}

/* Before what is true of every program. */
static enum mark look_at(struct target *target, bool found, struct case_ *it)
{
	if (!found)
		report(UNKNOWN, "program", NULL, "%s", target->problem);
	return found ? target_check(target, it->who, &it->image) : UNKNOWN;
}

int diagnose(const char *library, const char *self, const struct who *who,
	     char **command)
{
	struct case_ it = {.library = library, .self = self, .who = who};
	struct target target = {.image.fd = -1};
	enum mark can = OK;
	int r;

	it.have = library_check(library, who, &it.image);
	if (*command)
		can = look_at(&target, target_follow(&target, command, false),
			      &it);
	kernel_check();
	around_check(0, *command ? target.path : NULL);
	preloads_check(getenv("LD_PRELOAD"), library, "");
	if (settings_check(environ, library, self, who) && can != UNKNOWN)
		can = NO;
	if (it.have == NO)
		r = judge_here(&it);
	else if (can == NO)
		r = report_end(NO_USE, "no use: the library will not be in it, "
				       "or is switched off");
	else if (can == UNKNOWN)
		r = report_end(CANNOT_TELL, "cannot tell: no program to load "
					    "it into");
	else if (*command)
		r = try_command(&it, &target, command);
	else {
		trial_run(library, self, "", who, &it.trial);
		r = judge_here(&it);
	}
	target_close(&target);
	image_close(&it.image);
	return r;
}
