/* SPDX-License-Identifier: MIT
 * Which rules hold for a program: vspawn rules --explain knows. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "doctor.h"

static const char everybodys[] = "/etc/vspawn/rules";

/* What the library would read, and why it may be none. */
static const char *file_of_rules(void)
{
	const char *file = getenv("VSPAWN_RULES");

	if (file)
		return *file ? file : NULL;
	if (getenv("VSPAWN_FORK") || access(everybodys, F_OK))
		return NULL;
	return everybodys;
}

/* "line 12         perl native": joined, by "; ". */
static void read_line(void *arg, char *line)
{
	char *all = arg;
	size_t used = strlen(all);
	unsigned number;
	int rule = 0;

	if (sscanf(line, "line %u %n", &number, &rule) == 1 && rule)
		snprintf(all + used, 1024 - used, "%sline %u, %s",
			 used ? "; " : "", number, line + rule);
}

void rules_check(char **command, const char *self)
{
	const char *file = file_of_rules();
	char path[PATH_MAX], set_file[PATH_MAX + 16], all[1024] = "";
	const char *argv[WORDS + 3] = {path, "--explain"};
	const char *set[] = {"LD_PRELOAD=", set_file, NULL};
	struct who me;
	const struct run what = {argv, set, &me, true};
	int folder = (int)(base_name(self) - self);

	if (!file)
		return;
	who_am_i(&me);
	snprintf(path, sizeof(path), "%.*srules", folder, self);
	snprintf(set_file, sizeof(set_file), "VSPAWN_RULES=%s", file);
	for (int i = 0; i < WORDS && command[i]; i++)
		argv[2 + i] = command[i];
	if (run(&what, read_line, all))
		report(UNKNOWN, "rules", "vspawn rules --check says why", "%s",
		       file);
	else
		report(OK, "rules", NULL, "%s: %s", file,
		       *all ? all : "none is of this program");
}
