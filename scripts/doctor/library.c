/* SPDX-License-Identifier: MIT
 * The library itself: there, whole, and readable by whom it is for. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "doctor.h"

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
	report(*library->version ? OK : WARNING, "library",
	       *library->version ? NULL : "is this the right file?", "%s, %s%s",
	       path, *library->version ? "version " : "",
	       *library->version ? library->version
				 : "which does not say its version");
	return library_readable(path, who);
}
