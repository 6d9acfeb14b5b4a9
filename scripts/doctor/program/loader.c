/* SPDX-License-Identifier: MIT
 *
 * What the target's own loader makes of it and of the library: LOADER --list,
 * which loads both, and runs neither. (Not LD_TRACE_LOADED_OBJECTS, which musl
 * does not know: there the program would run. Nor LD_WARN, for which glibc
 * runs functions of the program that choose among its own.)
 */
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "doctor.h"

enum { FILES = 512 };

struct answer {
	struct loaded *loaded;
	const char *library;
	bool seen;
	char complaint[512];
};

/* A program may name any file for its loader; only one that root or the caller
 * has put there is run. */
static bool trusted(const char *loader)
{
	struct stat st;

	return !strncmp(base_name(loader), "ld", 2) && *loader == '/' &&
	       !stat(loader, &st) && S_ISREG(st.st_mode) &&
	       (st.st_uid == 0 || st.st_uid == geteuid()) &&
	       !(st.st_mode & (S_IWGRP | S_IWOTH));
}

/* "	NAME => FILE (ADDRESS)", "	FILE (ADDRESS)"; anything else is a
 * complaint, which counts if it is about the library. */
static void read_line(void *arg, char *line)
{
	struct answer *answer = arg;
	struct loaded *loaded = answer->loaded;
	char *file = strstr(line, " => "), *end = strrchr(line, '(');

	if (*line == '\t' && end && end > line && end[-1] == ' ') {
		end[-1] = '\0';
		file = file ? file + 4 : line + 1;
		if (*file != '/')
			return;
		if (same_file(file, answer->library))
			answer->seen = true;
		else if (loaded->n < FILES &&
			 (loaded->files[loaded->n] = strdup(file)))
			loaded->n++;
	} else if (strstr(line, base_name(answer->library)) ||
		   !*answer->complaint) {
		while (isspace((unsigned char)*line))
			line++;
		snprintf(answer->complaint, sizeof(answer->complaint), "%s",
			 line);
	}
}

static void judge(const struct answer *answer, const char *loader, int status)
{
	struct loaded *loaded = answer->loaded;
	bool about_us =
		strstr(answer->complaint, base_name(answer->library)) != NULL;

	if (answer->seen && !about_us) {
		loaded->library = OK;
		report(OK, "loader", NULL, "%s loads the library into it",
		       loader);
	} else if (about_us) {
		loaded->library = NO;
		report(NO, "loader",
		       "build the library for the C library that it uses",
		       "%s does not take the library: %s", loader,
		       answer->complaint);
	} else if (loaded->n && WIFEXITED(status) && !WEXITSTATUS(status)) {
		loaded->library = NO;
		report(NO, "loader", "is LD_PRELOAD honoured there?",
		       "%s leaves the library out", loader);
	} else {
		report(UNKNOWN, "loader", NULL, "%s cannot list it%s%s", loader,
		       *answer->complaint ? ": " : "", answer->complaint);
	}
}

void loader_list(const struct target *target, const char *library,
		 const struct who *who, struct loaded *loaded)
{
	const char *loader = target->image.interp;
	const char *argv[] = {loader, "--list", target->path, NULL};
	char preload[3 * PATH_MAX];
	const char *set[] = {preload, NULL};
	const struct run what = {argv, set, who, true};
	struct answer answer = {.loaded = loaded, .library = library};

	memset(loaded, 0, sizeof(*loaded));
	loaded->library = UNKNOWN;
	if (!trusted(loader)) {
		report(UNKNOWN, "loader", NULL,
		       "%s is not run: nothing that root has put there",
		       loader);
		return;
	}
	preloads_with(preload, sizeof(preload), library);
	judge(&answer, loader, run(&what, read_line, &answer));
}

void loader_free(struct loaded *loaded)
{
	while (loaded->n)
		free(loaded->files[--loaded->n]);
}
