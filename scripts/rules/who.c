/* SPDX-License-Identifier: MIT
 * What a command would be called once it runs, as preload/rules/who.c finds it
 * there. */
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "who.h"

struct who who;

static int is_program(const char *path)
{
	struct stat st;

	return !stat(path, &st) && S_ISREG(st.st_mode) && !access(path, X_OK);
}

/* As execvp() finds it. */
static int search(const char *name, char *to)
{
	const char *path = getenv("PATH"), *end;

	if (strchr(name, '/'))
		return snprintf(to, PATH_MAX, "%s", name) < PATH_MAX &&
		       is_program(to);
	for (path = path ? path : "/bin:/usr/bin";; path = end + 1) {
		end = strchrnul(path, ':');
		if (snprintf(to, PATH_MAX, "%.*s%s%s", (int)(end - path), path,
			     end > path ? "/" : "", name) < PATH_MAX &&
		    is_program(to))
			return 1;
		if (!*end)
			return 0;
	}
}

/* The first line of a script, behind #!; or NULL. */
static char *first_line(const char *path)
{
	static char line[256];
	FILE *in = fopen(path, "re");
	char *got = in ? fgets(line, sizeof(line), in) : NULL;

	if (in)
		fclose(in);
	if (!got || strncmp(line, "#!", 2) != 0)
		return NULL;
	line[strcspn(line, "\n")] = '\0';
	return line + 2;
}

static void whole_path(const char *path, char *to)
{
	if (!realpath(path, to))
		snprintf(to, PATH_MAX, "%s", path);
}

static void first_argument(char **argv)
{
	while (*argv && **argv == '-')
		argv++;
	if (*argv)
		whole_path(*argv, who.script);
}

/* An interpreter, and what `env` runs as one. 0, or what was not found. */
static const char *find_script(const char *path, char *line)
{
	static char name[PATH_MAX];
	char *word, *save = NULL;

	word = strtok_r(line, " \t", &save);
	whole_path(path, who.script);
	if (!word)
		return path;
	if (strcmp(strrchr(word, '/') ? strrchr(word, '/') + 1 : word, "env") !=
	    0) {
		if (*path == '/')
			snprintf(who.executed, PATH_MAX, "%s", path);
		else
			whole_path(path, who.executed);
		whole_path(word, who.file);
		return is_program(who.file) ? NULL : word;
	}
	do
		word = strtok_r(NULL, " \t", &save);
	while (word && *word == '-');
	if (!word || !search(word, name))
		return word ? word : "env";
	snprintf(who.executed, PATH_MAX, "%s", name);
	whole_path(name, who.file);
	return NULL;
}

const char *find_who(char **argv)
{
	static char path[PATH_MAX];
	char *line;

	if (!search(argv[0], path))
		return argv[0];
	line = first_line(path);
	if (line)
		return find_script(path, line);
	if (*path == '/')
		snprintf(who.executed, PATH_MAX, "%s", path);
	else
		whole_path(path, who.executed);
	whole_path(path, who.file);
	first_argument(argv + 1);
	return NULL;
}
