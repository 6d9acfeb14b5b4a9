/* SPDX-License-Identifier: MIT
 *
 * Whether a program makes processes at all: the functions that it and its
 * libraries want from others, by their dynamic symbols.
 */
#include <stdio.h>
#include <string.h>

#include "doctor.h"

/* entry.def says which functions make processes; whose work that is: */
static unsigned way_of(const char *name)
{
	static const struct {
		char name[48], kind[8];
	} entries[] = {
#define ENTRY(name, kind) {#name, #kind},
#include "../../../preload/entry/entry.def"
#undef ENTRY
	};
	static const char *const plugins[] = {"dlopen", "dlmopen",
					      "__libc_dlopen_mode"};

	for (size_t i = 0; i < sizeof(plugins) / sizeof(*plugins); i++) {
		if (!strcmp(name, plugins[i]))
			return BY_PLUGIN;
	}
	/* Most who import these two want something else of them. */
	if (strstr(name, "clone") || !strcmp(name, "syscall"))
		return 0;
	for (size_t i = 0; i < sizeof(entries) / sizeof(*entries); i++) {
		if (strcmp(name, entries[i].name) != 0 ||
		    strcmp(entries[i].kind, "MAKES") != 0)
			continue;
		if (strstr(name, "spawn") || strstr(name, "vfork"))
			return BY_SPAWN;
		if (strstr(name, "popen") || strstr(name, "proc_open") ||
		    !strcmp(name, "system") || !strcmp(name, "wordexp"))
			return BY_SHELL;
		return BY_FORK;
	}
	return 0;
}

struct search {
	const char *file;
	unsigned ways;
	char found[512];
};

/* "fork (libperl.so.5.36), ...", each name once. */
static void see(void *arg, const char *name)
{
	struct search *search = arg;
	unsigned way = way_of(name);
	size_t used = strlen(search->found);
	char one[128];

	search->ways |= way;
	if (!way || way == BY_PLUGIN)
		return;
	snprintf(one, sizeof(one), "%s%s (", used ? ", " : "", name);
	if (strstr(search->found, used ? one : name) ||
	    (used && !strncmp(search->found, one + 2, strlen(one + 2))))
		return;
	snprintf(search->found + used, sizeof(search->found) - used, "%s%s)",
		 one, base_name(search->file));
}

/* The C library calls itself without asking others. */
static bool is_libc(const char *file)
{
	const char *name = base_name(file);

	return !strncmp(name, "libc.so", 7) || !strncmp(name, "libc.musl", 9) ||
	       !strncmp(name, "libc-2.", 7) || !strncmp(name, "ld-", 3) ||
	       !strncmp(name, "ld64.so", 7) || !strncmp(name, "libpthread", 10);
}

static void look_into(struct search *search, const char *file)
{
	struct image image;

	search->file = file;
	if (is_libc(file) || image_open(&image, file))
		return;
	image_imports(&image, see, search);
	image_close(&image);
}

static void say(const struct search *search, bool all)
{
	unsigned ways = search->ways;

	if (ways & (BY_FORK | BY_SPAWN))
		report(OK, "children", NULL, "it calls %s", search->found);
	else if (ways & BY_PLUGIN)
		report(UNKNOWN, "children",
		       "vspawn --stats shows what its plugins do",
		       "it calls none of fork, vfork and posix_spawn%s%s, but "
		       "loads libraries as it runs",
		       *search->found ? ", only " : "", search->found);
	else if (!all)
		report(UNKNOWN, "children", "vspawn --stats shows it",
		       "it does not call fork itself; its libraries could "
		       "not be found");
	else if (ways & BY_SHELL)
		report(NO, "children", NULL,
		       "it calls only %s, which the C library makes cheap "
		       "itself",
		       search->found);
	else
		report(NO, "children", NULL,
		       "neither it nor a library of it calls fork, vfork or "
		       "posix_spawn");
}

/* A program that runs another one in its place says nothing about that. */
static bool is_starter(const char *path)
{
	static const char *const starters[] = {"nice",	  "nohup",  "setsid",
					       "ionice",  "chrt",   "stdbuf",
					       "taskset", "chroot", "setpriv"};

	for (size_t i = 0; i < sizeof(starters) / sizeof(*starters); i++) {
		if (!strcmp(base_name(path), starters[i]))
			return true;
	}
	return false;
}

unsigned imports_check(struct target *target, const char *library,
		       const struct loaded *loaded)
{
	struct search search = {.file = target->path};

	if (is_starter(target->path)) {
		report(UNKNOWN, "children", "ask about that program",
		       "%s runs another program in its place",
		       base_name(target->path));
		return BY_PLUGIN;
	}
	image_imports(&target->image, see, &search);
	for (int i = 0; i < loaded->n; i++) {
		if (!same_file(loaded->files[i], library))
			look_into(&search, loaded->files[i]);
	}
	if (!loaded->n)
		search.ways |= BY_PLUGIN;
	say(&search, loaded->n > 0);
	return search.ways;
}
