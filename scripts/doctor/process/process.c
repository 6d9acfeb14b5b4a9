/* SPDX-License-Identifier: MIT
 * A process that runs: is the library in it, which one, since when, with which
 * settings; and if not, why not. */
#include <elf.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "doctor.h"

/* Its own file, if that can be opened: by the map, or by a name that is still
 * the same file. (The device number in the map is not stat's on overlayfs and
 * btrfs.) */
static void mapped_version(const struct process *process, char *version,
			   size_t size)
{
	char path[PATH_MAX + 64];
	struct image image;
	struct stat st;

	snprintf(version, size, "unknown");
	snprintf(path, sizeof(path), "%s%s", process->who.root,
		 process->mapped);
	if (image_open(&image, process->map_file) &&
	    (process->deleted || stat(path, &st) ||
	     st.st_ino != process->inode || image_open(&image, path)))
		return;
	snprintf(version, size, "%s",
		 *image.version ? image.version : "unknown");
	image_close(&image);
}

static void loaded(const struct process *process, const char *library)
{
	char version[32], path[PATH_MAX + 64];
	struct image installed;
	struct stat st;

	mapped_version(process, version, sizeof(version));
	snprintf(path, sizeof(path), "%s%s", process->who.root,
		 process->mapped);
	if (process->deleted ||
	    (!stat(path, &st) && st.st_ino != process->inode))
		report(WARNING, "loaded", "restart it to have the new one",
		       "%s, version %s, which has been replaced since",
		       process->mapped, version);
	else
		report(OK, "loaded", NULL, "%s, version %s", process->mapped,
		       version);
	if (image_open(&installed, library))
		return;
	if (strcmp(version, "unknown") != 0 &&
	    strcmp(version, installed.version) != 0)
		report(WARNING, "version", "restart it to have that one",
		       "version %s is in it, this is %s", version,
		       installed.version);
	image_close(&installed);
}

/* What the kernel told its loader: AT_SECURE. Words are as wide as its own. */
static bool started_secure(const struct process *process, bool is64)
{
	size_t size = 0, word = is64 ? 8 : 4;
	struct image width = {.is64 = is64};
	bool secure = false;
	char path[64], *text;

	snprintf(path, sizeof(path), "/proc/%d/auxv", process->pid);
	text = slurp(path, &size);
	for (size_t i = 0; text && i + 2 * word <= size; i += 2 * word) {
		if (image_number(&width, text + i, word) == AT_SECURE)
			secure = image_number(&width, text + i + word, word);
	}
	free(text);
	return secure;
}

/* Why it is not there: what it was started with, and what it is. */
static void not_loaded(const struct process *process, const char *library)
{
	const char *preload = setting_of(process->environment, "LD_PRELOAD");
	bool named = preload && strstr(preload, "libvspawn.so");
	struct target target = {.image.fd = -1};
	struct image ours;
	char exe[64];

	snprintf(exe, sizeof(exe), "/proc/%d/exe", process->pid);
	report(NO, "loaded",
	       named ? "see below, and what its start printed on stderr"
	       : preload
		       ? "add it to LD_PRELOAD where it is started; restart it"
		       : "start it by vspawn, or with LD_PRELOAD; restart it",
	       named ? "no, although its LD_PRELOAD names it: %s"
		     : "no; its LD_PRELOAD: %s",
	       preload ? preload : "not set");
	library_check(library, &process->who, &ours);
	snprintf(target.path, sizeof(target.path), "%s", exe);
	if (!image_open(&target.image, exe)) {
		target_check(&target, &process->who, &ours);
		if (started_secure(process, target.image.is64))
			report(NO, "setuid",
			       "start it as the user that it changes to",
			       "it was started with rights of its own "
			       "(AT_SECURE): the loader ignores LD_PRELOAD");
	} else {
		report(UNKNOWN, "program", "ask as root",
		       "what it runs cannot be read");
	}
	image_close(&target.image);
	image_close(&ours);
}

int process_check(pid_t pid, const char *library, const char *self)
{
	static struct process process;
	bool off;

	process.pid = pid;
	if (!process_read(&process))
		return report_end(CANNOT_TELL, "cannot tell: no process %d",
				  pid);
	if (!process.readable) {
		report(UNKNOWN, "loaded", "ask as root, or as its user",
		       "its map cannot be read");
		return report_end(CANNOT_TELL,
				  "cannot tell: not ours to look into");
	}
	if (!process.is_mapped) {
		not_loaded(&process, library);
		return report_end(NO_USE, "the library is not in it");
	}
	loaded(&process, library);
	/* For the programs that it starts. */
	library_readable(process.mapped, &process.who);
	preloads_check(setting_of(process.environment, "LD_PRELOAD"), NULL,
		       process.who.root);
	off = settings_check(process.environment, library, self, &process.who);
	dispatch_check();
	around_check(pid, process.path);
	done_check(pid, process.environment, self);
	if (off)
		return report_end(NO_USE, "it is loaded, and switched off");
	return report_end(FINE, "the library is in it%s",
			  process.deleted ? ", an older file" : "");
}
