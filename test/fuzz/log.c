/* SPDX-License-Identifier: MIT
 * The log, and names in it for what differs from run to run. */
#include <stdarg.h>
#include <sys/sysmacros.h>

#include "fuzz.h"

struct shared *shared;
struct log *current;

void say(const char *format, ...)
{
	unsigned room = LOG_SIZE - current->used;
	va_list args;
	int n;

	va_start(args, format);
	n = vsnprintf(current->text + current->used, room, format, args);
	va_end(args);
	if (n > 0)
		current->used += (unsigned)n < room ? (unsigned)n : room - 1;
}

void flush_log(void)
{
	unsigned at = shared->used, n = current->used;

	if (at + n < SHARED_TEXT) {
		memcpy(shared->text + at, current->text, n);
		shared->used = at + n;
	}
	current->used = 0;
}

const char *who(int pid)
{
	if (pid <= 0)
		return pid ? "error" : "0";
	if (pid == (int)vs_sys(SYS_getpid))
		return "self";
	if (pid == shared->parent)
		return "program";
	if (pid == shared->batch)
		return "batch";
	return pid == (int)vs_sys(SYS_getppid) ? "parent" : "other";
}

static int others;

void forget_files(void)
{
	others = 0;
}

/* Files of the world by their place in the list, others by when they were
 * seen first. */
const char *which_file(const struct stat *st)
{
	static struct stat met[64];
	static char name[32];
	int i = 0;

	for (; i < shared->files; i++) {
		if (shared->file[i].dev == st->st_dev &&
		    shared->file[i].ino == st->st_ino) {
			snprintf(name, sizeof(name), "file%d", i);
			return name;
		}
	}
	if (S_ISCHR(st->st_mode)) {
		snprintf(name, sizeof(name), "dev%d:%d", major(st->st_rdev),
			 minor(st->st_rdev));
		return name;
	}
	for (i = 0; i < others; i++) {
		if (met[i].st_dev == st->st_dev && met[i].st_ino == st->st_ino)
			break;
	}
	if (i == others && others < LENGTH(met))
		met[others++] = *st;
	snprintf(name, sizeof(name), "other%d", i);
	return name;
}

bool in_process_folder(const char *path)
{
	static const char outside[] = "(unreachable)"; /* of the root */

	if (!strncmp(path, outside, sizeof(outside) - 1))
		path += sizeof(outside) - 1;
	return !strncmp(path, "/proc/", 6);
}
