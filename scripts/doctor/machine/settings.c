/* SPDX-License-Identifier: MIT
 *
 * VSPAWN_* in an environment: names that the library does not know, and values
 * that it complains of. The names are those in preload/base/config.c, and the
 * library itself is asked about the values.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

#include "doctor.h"

static const char *const names[] = {
#include "setting_names.h"
};

enum { NAMES = sizeof(names) / sizeof(*names), LONGEST = 32 };

static size_t least(size_t a, size_t b)
{
	return a < b ? a : b;
}

/* How many letters are wrong, missing, too many, or changed places with their
 * neighbours (optimal string alignment). */
static size_t distance(const char *a, size_t n, const char *b)
{
	size_t row[3][LONGEST + 1], m = strlen(b);

	if (n > LONGEST || m > LONGEST)
		return LONGEST;
	for (size_t j = 0; j <= m; j++)
		row[0][j] = j;
	for (size_t i = 1; i <= n; i++) {
		size_t *now = row[i % 3], *last = row[(i + 2) % 3];

		now[0] = i;
		for (size_t j = 1; j <= m; j++) {
			now[j] = least(least(now[j - 1], last[j]) + 1,
				       last[j - 1] + (a[i - 1] != b[j - 1]));
			if (i > 1 && j > 1 && a[i - 1] == b[j - 2] &&
			    a[i - 2] == b[j - 1])
				now[j] = least(now[j],
					       row[(i + 1) % 3][j - 2] + 1);
		}
	}
	return row[n % 3][m];
}

/* VSPAWN_ANYTHING is meant for us; VSPWAN_FORK, too. */
static const char *meant(const char *variable, size_t n)
{
	const char *nearest = NULL;
	size_t best = LONGEST;

	for (size_t i = 0; i < NAMES; i++) {
		size_t d = distance(variable, n, names[i]);

		if (d == 0)
			return NULL;
		if (d < best && strchr(names[i], '_')) {
			best = d;
			nearest = names[i];
		}
	}
	if (!strncmp(variable, "VSPAWN_", 7))
		return best <= 2 ? nearest : "";
	return best <= 2 ? nearest : NULL;
}

void settings_names(char **environment,
		    void (*wrong)(const char *name, const char *nearest))
{
	for (; *environment; environment++) {
		size_t n = strcspn(*environment, "=");
		const char *nearest = meant(*environment, n);
		char name[LONGEST + 1];

		if (!nearest)
			continue;
		snprintf(name, sizeof(name), "%.*s", (int)n, *environment);
		wrong(name, nearest);
	}
}

static void report_name(const char *name, const char *nearest)
{
	char remedy[512] = "allowed:";

	if (*nearest)
		snprintf(remedy, sizeof(remedy), "%s?", nearest);
	for (size_t i = 0; i < NAMES && !*nearest; i++) {
		size_t used = strlen(remedy);

		snprintf(remedy + used, sizeof(remedy) - used, " %s", names[i]);
	}
	report(WARNING, "settings", remedy, "%s is no setting", name);
}

static void complaint(void *arg, char *line)
{
	(void)arg;
	if (!strncmp(line, "vspawn: VSPAWN", 14))
		report(WARNING, "settings", NULL, "%s", line + 8);
}

/* By what it says at load, in a program that does nothing, with the rights of
 * those whose settings they are. */
static void ask(char **environment, const char *library, const char *self,
		const struct who *who)
{
	const char *argv[] = {self, "--exit", NULL};
	const char *set[NAMES + 3];
	char *text[NAMES], preload[PATH_MAX + 16];
	const struct run what = {argv, set, who, false};
	int n = 0, n_text = 0;

	for (size_t i = 0; i < NAMES; i++) {
		const char *value = setting_of(environment, names[i]);

		/* What is not set there must not be set here. */
		if (!value)
			unsetenv(names[i]);
		else if (!run_leaves_out(names[i]) &&
			 asprintf(&text[n_text], "%s=%s", names[i], value) > 0)
			set[n++] = text[n_text++];
	}
	snprintf(preload, sizeof(preload), "LD_PRELOAD=%s", library);
	set[n++] = preload;
	set[n] = NULL;
	run(&what, complaint, NULL);
	while (n_text)
		free(text[--n_text]);
}

static void list(char **environment)
{
	char all[2048] = "";

	for (size_t i = 0; i < NAMES; i++) {
		const char *value = setting_of(environment, names[i]);
		size_t used = strlen(all);

		if (value)
			snprintf(all + used, sizeof(all) - used, "%s%s=%s",
				 used ? " " : "", names[i], value);
	}
	report(OK, "settings", NULL, "%s", *all ? all : "the defaults");
}

bool settings_check(char **environment, const char *library, const char *self,
		    const struct who *who)
{
	const char *value = setting_of(environment, "VSPAWN");
	bool off = value && !strcmp(value, "off");

	settings_names(environment, report_name);
	ask(environment, library, self, who);
	if (off)
		report(NO, "settings", "unset VSPAWN",
		       "VSPAWN=off: it changes nothing");
	else
		list(environment);
	return off;
}
