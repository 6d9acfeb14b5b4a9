/* SPDX-License-Identifier: MIT
 * What the wrapper says before it starts a program: that nothing will happen,
 * or something bad. Nothing is run for it; it has to be quick. */
#include <fnmatch.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "doctor.h"

/* musl does not start a program whose preloads want what it lacks. */
enum { LEAVE_OUT = 3 };

static void wrong_name(const char *name, const char *nearest)
{
	fprintf(stderr, "vspawn: %s is no setting%s%s%s\n", name,
		*nearest ? "; is " : "", nearest, *nearest ? " meant?" : "");
}

/* Interpreters, and shells, whose children go on in the interpreter. */
static bool is_one_of_them(const char *path)
{
	static const char *const names[] = {"node*",  "python*", "pypy*",
					    "perl*",  "ruby*",	 "php*",
					    "tclsh*", "java",	 "*sh"};

	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
		if (!fnmatch(names[i], base_name(path), 0))
			return true;
	}
	return false;
}

/* Not what it was called by alone: sh may be dash, python3 python3.11. */
static void warn_share(const char *path)
{
	char *real = realpath(path, NULL);

	if (is_one_of_them(path) || (real && is_one_of_them(real)))
		fprintf(stderr,
			"vspawn: warning: children of %s write to memory "
			"before they exec, and would to its own: with "
			"--fork=share it will not live long; see vspawn "
			"audit\n",
			path);
	free(real);
}

static int judge(struct target *target, struct image *ours, bool share)
{
	struct image *image = &target->image;
	struct finding finding;
	struct who me;

	who_am_i(&me);
	if (target->without)
		strcpy(finding.text, "env takes LD_PRELOAD away from it");
	else if (!target_is_static(image, &finding) &&
		 !target_is_go(image, &finding) &&
		 !target_is_secure(target->path, &me, &finding) &&
		 (ours->fd < 0 || !target_is_other(image, ours, &finding))) {
		if (share)
			warn_share(target->path);
		return 0;
	}
	fprintf(stderr, "vspawn: %s: %s; nothing will be changed\n",
		target->path, finding.text);
	return strstr(image->interp, "musl") ? LEAVE_OUT : 0;
}

static void other_version(const struct image *ours, const char *path)
{
	if (ours->fd >= 0 && *ours->version &&
	    strcmp(ours->version, VS_VERSION) != 0)
		fprintf(stderr,
			"vspawn: %s is version %s, but this is vspawn %s: "
			"install both anew\n",
			path, ours->version, VS_VERSION);
}

int brief(const char *library, bool share, char **command)
{
	struct target target;
	char path[PATH_MAX];
	struct image ours;
	bool found;
	int r = 0;

	settings_names(environ, wrong_name);
	if (!*command)
		return 0;
	/* What is not there, or broken, exec will say. */
	found = target_follow(&target, command, true);
	library_choose(path, library, found ? &target.image : NULL);
	if (image_open(&ours, path))
		ours.fd = -1;
	other_version(&ours, path);
	if (found)
		r = judge(&target, &ours, share);
	image_close(&ours);
	target_close(&target);
	return r;
}
