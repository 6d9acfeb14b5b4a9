/* SPDX-License-Identifier: MIT
 * What the library has done in a process: vspawn stats knows, if the process
 * was started with VSPAWN_LIVE. */
#include <stdio.h>
#include <string.h>

#include "doctor.h"

struct seen {
	bool head;
	char undone[128];
};

/* "vspawn: pid ...", rows of calls, "transactions   committed ...". */
static void read_line(void *arg, char *line)
{
	struct seen *seen = arg;

	if (!strncmp(line, "vspawn: pid ", 12))
		seen->head = true;
	if (!strncmp(line, "transactions ", 13))
		snprintf(seen->undone, sizeof(seen->undone), "%s",
			 line + 13 + strspn(line + 13, " "));
}

static bool ask(pid_t pid, const char *self, const struct who *who,
		struct seen *seen)
{
	char path[PATH_MAX], number[16];
	const char *argv[] = {path, "stats", number, NULL};
	const char *set[] = {"LD_PRELOAD=", "LC_ALL=C", NULL};
	const struct run what = {argv, set, who, true};
	int folder = (int)(base_name(self) - self);

	snprintf(path, sizeof(path), "%.*sstats", folder, self);
	snprintf(number, sizeof(number), "%d", pid);
	run(&what, read_line, seen);
	return seen->head;
}

void done_check(pid_t pid, char **environment, const char *self)
{
	const char *stats = setting_of(environment, "VSPAWN_STATS");
	const char *live = setting_of(environment, "VSPAWN_LIVE");
	struct seen seen = {.head = false};
	struct who me;

	who_am_i(&me);
	if (live && *live && ask(pid, self, &me, &seen))
		report(OK, "done", "vspawn stats PID tells more",
		       "transactions %s",
		       *seen.undone ? seen.undone : "none, nor another call");
	else if (live && *live)
		report(UNKNOWN, "done", "vspawn stats PID says why",
		       "VSPAWN_LIVE=%s, but its file cannot be read", live);
	else if (stats && *stats)
		report(OK, "done", NULL, "a summary comes at its exit, to %s",
		       stats);
	else
		report(OK, "done", "VSPAWN_LIVE=auto, when it starts",
		       "not asked for");
}
