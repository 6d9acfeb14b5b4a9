/* SPDX-License-Identifier: MIT
 * What /proc says of a process: whose it is, since when, its environment, and
 * its map. */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "doctor.h"

static void of(const struct process *process, const char *name, char *path,
	       size_t size)
{
	snprintf(path, size, "/proc/%d/%s", process->pid, name);
}

/* The time of its start, by the clock: field 22 counts from the boot. */
static void since(const struct process *process)
{
	char path[64], when[64] = "?", *stat, *at, *text;
	const char *line;
	unsigned long long ticks = 0;
	struct tm tm;
	time_t start;

	of(process, "stat", path, sizeof(path));
	stat = slurp(path, NULL);
	text = slurp("/proc/stat", NULL);
	/* Its name, in brackets, may hold anything. */
	at = stat ? strrchr(stat, ')') : NULL;
	line = line_of(text, "btime ");
	for (int field = 2; at && field < 22; field++) {
		at = strchr(at, ' ');
		at += at != NULL;
	}
	if (at)
		ticks = strtoull(at, NULL, 10);
	if (at && line) {
		start = (time_t)(strtoull(line, NULL, 10) +
				 ticks / (unsigned long)sysconf(_SC_CLK_TCK));
		if (localtime_r(&start, &tm))
			strftime(when, sizeof(when), "%Y-%m-%d %H:%M:%S", &tm);
	}
	report(*when == '?' ? UNKNOWN : OK, "process", NULL,
	       "%d of %s, since %s: %s", process->pid, who_name(&process->who),
	       when, *process->path ? process->path : "?");
	free(stat);
	free(text);
}

static void read_environment(struct process *process)
{
	static char *none[] = {NULL};
	char path[64];
	size_t size = 0, n = 0;

	process->environment = none;
	of(process, "environ", path, sizeof(path));
	process->block = slurp(path, &size);
	if (!process->block)
		return;
	for (size_t i = 0; i < size; i++)
		n += process->block[i] == '\0';
	process->environment = calloc(n + 2, sizeof(char *));
	if (!process->environment) {
		process->environment = none;
		return;
	}
	n = 0;
	for (size_t i = 0; i < size; i += strlen(process->block + i) + 1)
		process->environment[n++] = process->block + i;
}

/* "START-END PERMISSIONS OFFSET DEVICE INODE PATH". */
static void read_maps(struct process *process)
{
	static const char gone[] = " (deleted)";
	char path[64], *text, *state, *line, *name;

	of(process, "maps", path, sizeof(path));
	text = slurp(path, NULL);
	process->readable = text && *text;
	line = text ? strtok_r(text, "\n", &state) : NULL;
	for (; line; line = strtok_r(NULL, "\n", &state)) {
		char *file = strchr(line, '/');
		char range[40];
		size_t size;

		name = file ? strrchr(file, '/') : NULL;
		if (!name || strncmp(name, "/libvspawn.so", 13) != 0 ||
		    sscanf(line, "%39s %*s %*s %*s %lu", range,
			   &process->inode) != 2)
			continue;
		process->is_mapped = true;
		snprintf(process->mapped, sizeof(process->mapped), "%s", file);
		size = strlen(process->mapped);
		if (size > sizeof(gone) - 1 &&
		    !strcmp(process->mapped + size - (sizeof(gone) - 1),
			    gone)) {
			process->mapped[size - (sizeof(gone) - 1)] = '\0';
			process->deleted = true;
		}
		snprintf(process->map_file, sizeof(process->map_file),
			 "/proc/%d/map_files/%s", process->pid, range);
		break;
	}
	free(text);
}

bool process_read(struct process *process)
{
	char path[64];
	ssize_t n;

	if (!who_runs(&process->who, process->pid)) {
		report(UNKNOWN, "process",
		       "as root; or mount /proc without hidepid", "%d: %s",
		       process->pid,
		       kill(process->pid, 0) && errno == ESRCH
			       ? "no such process"
			       : "it does not show");
		return false;
	}
	of(process, "exe", path, sizeof(path));
	n = readlink(path, process->path, sizeof(process->path) - 1);
	process->path[n > 0 ? n : 0] = '\0';
	read_environment(process);
	read_maps(process);
	since(process);
	return true;
}
