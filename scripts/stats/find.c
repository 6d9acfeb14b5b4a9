/* SPDX-License-Identifier: MIT
 * Where live files are. See live.h. */
#include <dirent.h>
#include <errno.h>
#include <glob.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "live.h"
#include "stats/report/figures.h"

/* Digits, a dot, and 16 of another kind: preload/stats/sweep.c. */
static bool is_name(const char *name)
{
	const char *dot = name + strspn(name, "0123456789");

	return dot != name && *dot == '.' &&
	       strspn(dot + 1, "0123456789abcdef") == 16 && !dot[17];
}

struct visit {
	void (*each)(const struct live_file *file, void *arg);
	void *arg;
	int n;
};

static void in_folder(const char *folder, struct visit *visit)
{
	static struct live_file file;
	char path[PATH_MAX];
	struct dirent *entry;
	DIR *dir = opendir(folder);

	while (dir && (entry = readdir(dir))) {
		if (!is_name(entry->d_name))
			continue;
		snprintf(path, sizeof(path), "%s/%s", folder, entry->d_name);
		/* What has made no child and is gone is of no interest. */
		if (live_read(&file, path) ||
		    (!file.running && !vs_all_calls(&file.data.tally)))
			continue;
		visit->each(&file, visit->arg);
		visit->n++;
	}
	if (dir)
		closedir(dir);
}

/* Those that VSPAWN_LIVE=auto means for any user, and the one it names here. */
int live_each(const char *folder,
	      void (*each)(const struct live_file *file, void *arg), void *arg)
{
	struct visit visit = {.each = each, .arg = arg};
	const char *runtime = getenv("XDG_RUNTIME_DIR");
	const char *named = getenv("VSPAWN_LIVE");
	char own[PATH_MAX] = "";
	glob_t users;

	if (folder) {
		in_folder(folder, &visit);
		return visit.n;
	}
	if (runtime && strncmp(runtime, "/run/user/", 10) != 0) {
		snprintf(own, sizeof(own), "%s/vspawn", runtime);
		in_folder(own, &visit);
	}
	in_folder("/run/vspawn", &visit);
	if (!glob("/run/user/*/vspawn", 0, NULL, &users)) {
		for (size_t i = 0; i < users.gl_pathc; i++)
			in_folder(users.gl_pathv[i], &visit);
		globfree(&users);
	}
	if (named && *named == '/' && strcmp(named, own) != 0)
		in_folder(named, &visit);
	return visit.n;
}

/* ---- the one of a process ---- */

struct wanted {
	pid_t pid;
	struct live_file *to;
	bool found;
};

/* After an exec there are several of one pid, of which the latest is meant. */
static void compare(const struct live_file *file, void *arg)
{
	struct wanted *w = arg;

	if (!live_has(file, w->pid) ||
	    (w->found && w->to->data.created_ns > file->data.created_ns))
		return;
	*w->to = *file;
	w->found = true;
}

static FILE *open_proc(pid_t pid, const char *name)
{
	char path[64];

	snprintf(path, sizeof(path), "/proc/%d/%s", (int)pid, name);
	return fopen(path, "re");
}

/* By what it has mapped, which is the surest: as it sees the path, and if it
 * has another root as we do. Sets *library. */
static bool by_maps(struct live_file *to, pid_t pid, bool *library)
{
	static char line[PATH_MAX + 128], path[PATH_MAX + 64];
	FILE *in = open_proc(pid, "maps");
	bool found = false;
	char *at;

	while (in && !found && fgets(line, sizeof(line), in)) {
		line[strcspn(line, "\n")] = '\0';
		*library |= strstr(line, "libvspawn.so") != NULL;
		at = strchr(line, '/');
		if (!at || !is_name(strrchr(at, '/') + 1))
			continue;
		snprintf(path, sizeof(path), "/proc/%d/root%s", (int)pid, at);
		found = !live_read(to, at) || !live_read(to, path);
	}
	if (in)
		fclose(in);
	return found;
}

/* The value of VSPAWN_LIVE that it was started with; empty: none. */
static void setting(pid_t pid, char *value, size_t room)
{
	static const char name[] = "VSPAWN_LIVE=";
	FILE *in = open_proc(pid, "environ");
	char *variable = NULL;
	size_t size = 0;

	*value = '\0';
	while (in && getdelim(&variable, &size, '\0', in) > 0) {
		if (!strncmp(variable, name, sizeof(name) - 1))
			snprintf(value, room, "%s",
				 variable + sizeof(name) - 1);
	}
	free(variable);
	if (in)
		fclose(in);
}

static const char *why_not(pid_t pid, bool library)
{
	static char text[512];
	char value[256], path[64];

	snprintf(path, sizeof(path), "/proc/%d", (int)pid);
	if (access(path, F_OK))
		return "no such process, and it has left no file";
	snprintf(path, sizeof(path), "/proc/%d/maps", (int)pid);
	if (access(path, R_OK))
		return "not allowed to look into that process";
	if (!library)
		return "the library is not in that process";
	setting(pid, value, sizeof(value));
	if (!*value)
		return "the library is there, but VSPAWN_LIVE was not set "
		       "when it was started (vspawn --live)";
	snprintf(text, sizeof(text),
		 "VSPAWN_LIVE=%.250s, but no file could be made: is the folder "
		 "there, its own, and its disk not full?",
		 value);
	return text;
}

const char *live_find(struct live_file *to, pid_t pid, const char *folder)
{
	struct wanted w = {.pid = pid, .to = to};
	char value[256];
	bool library = false;

	if (!folder && by_maps(to, pid, &library))
		return NULL;
	live_each(folder, compare, &w);
	if (!w.found && !folder) {
		setting(pid, value, sizeof(value));
		if (*value == '/')
			live_each(value, compare, &w);
	}
	return w.found ? NULL : why_not(pid, library);
}
