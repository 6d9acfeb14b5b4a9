/* SPDX-License-Identifier: MIT
 *
 * Files of /proc: what they say of the system is the same for every process;
 * what they say of this one may show what is not there natively, like the lazy
 * ranges in its map. Only what is told as to a native child may be read.
 */
#include <fcntl.h>
#include <stddef.h>

#include "base/bytes.h"
#include "txn/calls/fd/owners.h"
#include "txn/child/internal.h"

static bool goes_up(const char *path)
{
	for (; *path; path++) {
		if (vs_begins(path, "/.."))
			return true;
	}
	return false;
}

/* What follows in a name that begins with `with`, or NULL. */
static const char *behind(const char *name, const char *with)
{
	return vs_begins(name, with) ? name + vs_length(with, '\0') : NULL;
}

/* Which of this process's own files it is, or NULL. By the number that it has
 * in this /proc: elsewhere that may be another's. */
static const char *own_file(const char *name)
{
	enum { NUMBER = 16 };
	char self[NUMBER + 2];
	const char *own = behind(name, "self/");
	long n;

	if (!own)
		own = behind(name, "thread-self/");
	if (own)
		return own;
	n = vs_sys(SYS_readlinkat, AT_FDCWD, "/proc/self", self, NUMBER);
	if (n <= 0)
		return NULL;
	self[n] = '/';
	self[n + 1] = '\0';
	return behind(name, self);
}

/* The same for every process of these namespaces and limits, or its parent's
 * too. */
static bool is_shown_alike(const char *name, const char *own)
{
	static const char owns[][12] = {
		"limits",    "cgroup",	  "mounts",  "mountinfo",
		"loginuid",  "sessionid", "uid_map", "gid_map",
		"setgroups", "comm",	  "cpuset",
	};
	static const char of_all[][12] = {
		"cpuinfo", "meminfo",	 "stat",     "filesystems", "version",
		"uptime",  "loadavg",	 "cmdline",  "devices",	    "swaps",
		"mounts",  "partitions", "diskstats"};

	if (own) {
		for (unsigned i = 0; i < VS_COUNT(owns); i++) {
			if (vs_same(own, owns[i]))
				return true;
		}
		return vs_begins(own, "attr/");
	}
	for (unsigned i = 0; i < VS_COUNT(of_all); i++) {
		if (vs_same(name, of_all[i]))
			return true;
	}
	return vs_begins(name, "sys/");
}

/* What it is to be when memory runs out, when it dumps core, how late it may
 * wake up, and its name: the child's own affair. */
static bool is_own_setting(const char *own)
{
	return vs_same(own, "oom_score_adj") ||
	       vs_same(own, "coredump_filter") ||
	       vs_same(own, "timerslack_ns") || vs_same(own, "comm");
}

enum vs_fd_owner vs_proc_owner(const char *path, long flags)
{
	bool reads = (flags & O_ACCMODE) == O_RDONLY;
	const char *name = behind(path, "/proc/"), *own;

	if (!name || goes_up(path))
		return VS_FD_INHERITED;
	own = own_file(name);
	if (reads && is_shown_alike(name, own))
		return VS_FD_FILE;
	if (own && is_own_setting(own))
		return VS_FD_PIPE;
	if (own && reads && vs_same(own, "status"))
		return VS_FD_STATUS;
	return VS_FD_INHERITED;
}
