/* SPDX-License-Identifier: MIT
 *
 * A trial: a program of some size, this one, makes children with the library
 * preloaded, whose own count says how many of them it made cheap.
 */
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "doctor.h"

enum { TRIALS = 5, TRIAL_MB = 64 };

/* Runs with the library preloaded. */
int trial_inside(const char *self)
{
	char *argv[] = {(char *)self, "--exit", NULL};
	char *memory = malloc(TRIAL_MB << 20);
	pid_t pid;

	if (!memory)
		return 1;
	memset(memory, 1, TRIAL_MB << 20);
	for (int i = 0; i < TRIALS; i++) {
		pid = fork();
		if (pid == 0) {
			execve(self, argv, environ);
			_exit(127);
		}
		if (pid > 0)
			waitpid(pid, NULL, 0);
		if (!posix_spawn(&pid, self, NULL, NULL, argv, environ))
			waitpid(pid, NULL, 0);
	}
	free(memory);
	return 0;
}

static void read_line(void *arg, char *line)
{
	struct trial *trial = arg;
	int times;

	if (!strncmp(line, "vspawn: pid ", 12))
		trial->ran = true;
	sscanf(line, "transactions committed %d", &trial->forks);
	sscanf(line, "posix_spawn spawn %d", &trial->spawns);
	if (strncmp(line, "  ", 2) != 0)
		return;
	sscanf(line, " native %d %159[^\n]", &times, trial->why);
	sscanf(line, " rolled back %d %159[^\n]", &times, trial->why);
}

static void try(const char *library, const char *self, const char *interp,
		const struct who *who, struct trial *trial)
{
	const char *argv[] = {interp, self, "--try", self, NULL};
	char preload[3 * PATH_MAX];
	const char *set[] = {preload,
			     "VSPAWN=on",
			     "VSPAWN_FORK=txn",
			     "VSPAWN_SPAWN=on",
			     "VSPAWN_STRICT=off",
			     "VSPAWN_STATS=stderr",
			     "VSPAWN_STATS_FORMAT=text",
			     "VSPAWN_STATS_SIGNAL=none",
			     "VSPAWN_REPORT=all",
			     "LC_ALL=C",
			     NULL};
	struct run what = {argv, set, who, false};

	if (!*interp)
		what.argv = argv + 1;
	preloads_with(preload, sizeof(preload), library);
	memset(trial, 0, sizeof(*trial));
	strcpy(trial->why, "the library counted nothing");
	run(&what, read_line, trial);
}

void trial_run(const char *library, const char *self, const char *interp,
	       const struct who *who, struct trial *trial)
{
	const char *by = *interp ? ", by that loader" : "";

	try(library, self, interp, who, trial);
	if (!trial->ran && *interp) {
		/* Of another C library or class than this program. */
		by = ", by this program's loader";
		try(library_own(library), self, "", who, trial);
	}
	if (!trial->ran) {
		report(UNKNOWN, "trial", NULL,
		       "a program with the library preloaded said nothing");
		return;
	}
	report(trial->forks ? OK : NO, "trial-fork",
	       trial->forks ? NULL : "see dispatch, proc, seccomp, traced",
	       "%d of %d made cheap%s%s%s", trial->forks, TRIALS, by,
	       trial->forks ? "" : ": ", trial->forks ? "" : trial->why);
	report(trial->spawns ? OK : NO, "trial-spawn",
	       trial->spawns ? NULL : "see vm-shared, seccomp",
	       "%d of %d made cheap%s%s%s", trial->spawns, TRIALS, by,
	       trial->spawns ? "" : ": ", trial->spawns ? "" : trial->why);
}
