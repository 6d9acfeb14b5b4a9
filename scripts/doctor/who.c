/* SPDX-License-Identifier: MIT
 * Whose rights count: the caller's, a user's that root asks for, or those of
 * the user of a process. */
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "doctor.h"

enum { GROUPS_MAX = 256 };

const char *who_name(const struct who *who)
{
	static char name[64];
	struct passwd *entry = getpwuid(who->uid);

	if (entry)
		snprintf(name, sizeof(name), "%s", entry->pw_name);
	else
		snprintf(name, sizeof(name), "user %u", who->uid);
	return name;
}

void who_am_i(struct who *who)
{
	memset(who, 0, sizeof(*who));
	who->uid = getuid();
	who->gid = getgid();
	who->n_groups = getgroups(GROUPS_MAX, who->groups);
	if (who->n_groups < 0)
		who->n_groups = 0;
}

bool who_is(struct who *who, const char *name)
{
	struct passwd *entry = getpwnam(name);

	if (!entry)
		return false;
	memset(who, 0, sizeof(*who));
	who->uid = entry->pw_uid;
	who->gid = entry->pw_gid;
	who->n_groups = GROUPS_MAX;
	if (getgrouplist(name, who->gid, who->groups, &who->n_groups) < 0)
		who->n_groups = GROUPS_MAX;
	return true;
}

bool who_runs(struct who *who, pid_t pid)
{
	char path[64], *text, *end;
	const char *line;
	unsigned real, effective;

	memset(who, 0, sizeof(*who));
	snprintf(path, sizeof(path), "/proc/%d/status", pid);
	text = slurp(path, NULL);
	line = line_of(text, "Uid:");
	if (!line || sscanf(line, "%u %u", &real, &effective) != 2) {
		free(text);
		return false;
	}
	who->uid = effective;
	line = line_of(text, "Gid:");
	if (line && sscanf(line, "%u %u", &real, &effective) == 2)
		who->gid = effective;
	line = line_of(text, "Groups:");
	while (line && who->n_groups < GROUPS_MAX) {
		unsigned long group = strtoul(line, &end, 10);

		if (end == line || memchr(line, '\n', (size_t)(end - line)))
			break;
		who->groups[who->n_groups++] = (gid_t)group;
		line = end;
	}
	free(text);
	snprintf(who->root, sizeof(who->root), "/proc/%d/root", pid);
	return true;
}

static bool is_me(const struct who *who)
{
	return who->uid == geteuid() && who->gid == getegid();
}

bool who_become(const struct who *who)
{
	if (is_me(who) || geteuid() != 0)
		return true;
	return !setgroups((size_t)who->n_groups, who->groups) &&
	       !setresgid(who->gid, who->gid, who->gid) &&
	       !setresuid(who->uid, who->uid, who->uid);
}

/* By the bits of the mode, where it cannot be tried: 4 read, 1 search. */
static bool permits(const struct who *who, const struct stat *st, unsigned bit)
{
	bool member = who->gid == st->st_gid;

	for (int i = 0; i < who->n_groups; i++)
		member |= who->groups[i] == st->st_gid;
	if (who->uid == st->st_uid)
		return st->st_mode & bit << 6;
	return st->st_mode & (member ? bit << 3 : bit);
}

/* Each part of the path in turn, with a "/" at its end if it is a folder. */
static int walk(const struct who *who, const char *path, char *part, bool try)
{
	size_t size = strlen(path);
	struct stat st;

	if (size >= PATH_MAX)
		return ENAMETOOLONG;
	for (size_t i = 1; i <= size; i++) {
		bool last = i == size;

		if (!last && path[i - 1] != '/')
			continue;
		memcpy(part, path, i);
		part[i] = '\0';
		if (stat(part, &st))
			return errno;
		if (try && access(part, last ? R_OK : X_OK))
			return errno;
		if (!try && !permits(who, &st, last ? 4 : 1))
			return EACCES;
	}
	*part = '\0';
	return 0;
}

/* In a process that has become them, which need not see this memory. */
static enum mark try_as(const struct who *who, const char *path, char *part)
{
	int end[2], status = -1;
	ssize_t n;
	pid_t pid;

	if (pipe2(end, O_CLOEXEC))
		return UNKNOWN;
	pid = fork();
	if (pid == 0) {
		if (*who->root && geteuid() == 0 &&
		    (chroot(who->root) || chdir("/")))
			_exit(2);
		if (!who_become(who))
			_exit(2);
		if (!walk(who, path, part, true))
			_exit(0);
		n = write(end[1], part, strlen(part));
		_exit(1);
	}
	close(end[1]);
	n = read(end[0], part, PATH_MAX - 1);
	part[n > 0 ? n : 0] = '\0';
	close(end[0]);
	if (pid < 0 || waitpid(pid, &status, 0) < 0 || !WIFEXITED(status))
		return UNKNOWN;
	return WEXITSTATUS(status) == 0	  ? OK
	       : WEXITSTATUS(status) == 1 ? NO
					  : UNKNOWN;
}

enum mark who_reads(const struct who *who, const char *path, char *part)
{
	char full[PATH_MAX];
	int n;

	if (geteuid() == 0 || (is_me(who) && !*who->root))
		return try_as(who, path, part);
	n = snprintf(full, sizeof(full), "%s%s", who->root, path);
	if (n < 0 || (size_t)n >= sizeof(full))
		return UNKNOWN;
	/* Access lists, and what root of a namespace may, are not seen. */
	if (is_me(who))
		return walk(who, full, part, true) ? NO : OK;
	return walk(who, path, part, false) ? UNKNOWN : OK;
}
