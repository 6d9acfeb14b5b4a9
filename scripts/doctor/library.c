/* SPDX-License-Identifier: MIT
 * The library itself: which file it is; there, whole, of this version, and
 * readable by whom it is for. */
#include <errno.h>
#include <glob.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "doctor.h"

static const char self[] = "/proc/self/exe", token[] = "$LIB";
static char own[PATH_MAX];

const char *library_own(const char *path)
{
	return *own ? own : path;
}

static bool fits(const char *path, struct image *image)
{
	struct finding finding;
	struct image library;
	bool yes;

	if (image_open(&library, path))
		return false;
	yes = !target_is_other(image, &library, &finding);
	image_close(&library);
	return yes;
}

/* What loaders make of $LIB they alone know: lib, lib64, lib/TRIPLET. */
static bool choose(char *path, const char *name, struct image *image)
{
	static const char *const tokens[] = {"lib/*-*", "lib*"};
	const char *at = strstr(name, token);
	char pattern[PATH_MAX];
	bool found = false;
	glob_t paths;

	for (size_t i = 0; !found && i < 2; i++) {
		snprintf(pattern, sizeof(pattern), "%.*s%s%s", (int)(at - name),
			 name, tokens[i], at + strlen(token));
		if (glob(pattern, 0, NULL, &paths))
			continue;
		for (size_t n = 0; !found && n < paths.gl_pathc; n++) {
			found = fits(paths.gl_pathv[n], image);
			if (found)
				snprintf(path, PATH_MAX, "%s",
					 paths.gl_pathv[n]);
		}
		globfree(&paths);
	}
	return found;
}

void library_choose(char *path, const char *name, struct image *image)
{
	struct image me;

	snprintf(path, PATH_MAX, "%s", name);
	if (!strstr(name, token))
		return;
	if (!image_open(&me, self)) {
		if (!choose(own, name, &me))
			*own = '\0';
		image_close(&me);
	}
	if (!image || !choose(path, name, image))
		snprintf(path, PATH_MAX, "%s", library_own(name));
}

enum mark library_readable(const char *path, const struct who *who)
{
	char part[PATH_MAX];
	enum mark mark = who_reads(who, path, part);

	switch (mark) {
	case OK:
		report(OK, "library-access", NULL, "%s may read it",
		       who_name(who));
		break;
	case NO:
		report(NO, "library-access",
		       "chmod a+rX that, or install the library where all "
		       "may read it",
		       "%s may not read it: stopped at %s", who_name(who),
		       part);
		break;
	default:
		report(UNKNOWN, "library-access", "ask as root, or as them",
		       "whether %s may read it", who_name(who));
	}
	return mark;
}

/* What the loader checks when it maps the text. */
static bool on_noexec(const char *path)
{
	struct statvfs fs;

	return !statvfs(path, &fs) && fs.f_flag & ST_NOEXEC;
}

static void say_version(const char *path, const struct image *library)
{
	if (!*library->version)
		report(WARNING, "library", "is this the right file?",
		       "%s, which does not say its version", path);
	else if (strcmp(library->version, VS_VERSION) != 0)
		report(WARNING, "library", "install both anew",
		       "%s, version %s, but this is vspawn %s", path,
		       library->version, VS_VERSION);
	else
		report(OK, "library", NULL, "%s, version %s", path,
		       library->version);
}

enum mark library_check(const char *path, const struct who *who,
			struct image *library)
{
	int r = image_open(library, path);
	enum mark mark;

	if (r == -EACCES) {
		mark = library_readable(path, who);
		return mark == OK ? UNKNOWN : mark;
	}
	if (r) {
		report(NO, "library", "make install, or make", "%s: %s", path,
		       r == -ENOEXEC || r == -EBADMSG
			       ? "not a whole shared object"
			       : strerror(-r));
		return NO;
	}
	if (strpbrk(path, " :")) {
		report(NO, "library", "install it elsewhere",
		       "%s: the loader cannot preload from a path with a space "
		       "or a colon",
		       path);
		return NO;
	}
	if (on_noexec(path)) {
		report(NO, "library", "install it elsewhere",
		       "%s: on a file system mounted noexec", path);
		return NO;
	}
	say_version(path, library);
	return library_readable(path, who);
}
