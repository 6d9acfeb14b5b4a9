/* SPDX-License-Identifier: MIT
 * What surrounds a process: tracers, filters, confinement, limits of memory. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "doctor.h"

/* A file of /proc/PID, or of /proc/self. */
static char *of_process(pid_t pid, const char *name)
{
	char path[128];

	snprintf(path, sizeof(path), "/proc/%d/%s", pid, name);
	if (!pid)
		snprintf(path, sizeof(path), "/proc/self/%s", name);
	return slurp(path, NULL);
}

static void cut(char *text)
{
	if (text)
		text[strcspn(text, "\n")] = '\0';
}

static void filters(const char *status)
{
	const char *mode = line_of(status, "Seccomp:");
	const char *number = line_of(status, "Seccomp_filters:");
	int n = number ? atoi(number) : 0;

	if (!mode)
		report(UNKNOWN, "seccomp", NULL, "/proc does not say");
	else if (*mode == '0')
		report(OK, "seccomp", NULL, "no filter");
	else if (*mode == '1')
		report(NO, "seccomp", NULL, "strict mode: no children at all");
	else
		report(WARNING, "seccomp",
		       "trial-fork and --stats say whether it refuses what is "
		       "needed; one that the program itself sets leaves fork() "
		       "to libc",
		       "%d filter%s", n ? n : 1, n > 1 ? "s" : "");
}

static void tracer(const char *status)
{
	const char *pid = line_of(status, "TracerPid:");

	if (!pid)
		report(UNKNOWN, "traced", NULL, "/proc does not say");
	else if (atoi(pid))
		report(NO, "traced", "detach the debugger, strace",
		       "by process %d: fork() is libc's", atoi(pid));
	else
		report(OK, "traced", NULL, "by nobody");
}

/* The options of /proc itself: "... /proc ... - proc proc rw,hidepid=2". */
static void hidepid(pid_t pid)
{
	char *text = of_process(pid, "mountinfo"), *state, *line;
	char value[32] = "";
	bool proc = false;

	line = text ? strtok_r(text, "\n", &state) : NULL;
	for (; line; line = strtok_r(NULL, "\n", &state)) {
		char *type = strstr(line, " - "), *option;
		char at[64] = "";

		sscanf(line, "%*s %*s %*s %*s %63s", at);
		if (!type || strcmp(at, "/proc") != 0)
			continue;
		proc = !strncmp(type, " - proc ", 8);
		option = strstr(type, "hidepid=");
		*value = '\0';
		if (option)
			sscanf(option, "hidepid=%31[a-z0-9]", value);
	}
	free(text);
	if (!proc)
		report(UNKNOWN, "hidepid", NULL, "no /proc is mounted there");
	else if (!*value || !strcmp(value, "0") || !strcmp(value, "off"))
		report(OK, "hidepid", NULL, "off");
	else
		report(WARNING, "hidepid",
		       "for such a daemon: mount -o remount,hidepid=0 /proc",
		       "%s: a daemon with threads that changes its user does "
		       "not see them, fork() is libc's there",
		       value);
}

static bool has_profile(const char *path)
{
	char *all = slurp("/sys/kernel/security/apparmor/profiles", NULL);
	const char *rest = all && path ? line_of(all, path) : NULL;
	bool has = rest && *rest == '(';

	free(all);
	return has;
}

static void confinement(pid_t pid, const char *path)
{
	char *label = of_process(pid, "attr/current");
	char *enforce = slurp("/sys/fs/selinux/enforce", NULL);
	bool selinux = enforce && *enforce == '1';

	cut(label);
	if (path && !strncmp(path, "/snap/", 6))
		report(WARNING, "confinement",
		       "none from outside: use the program's own package",
		       "%s is a snap: it sees only its own files", path);
	else if (has_profile(path))
		report(WARNING, "confinement",
		       "let it: LIBRARY mr, and @{PROC}/@{pid}/** r",
		       "AppArmor has a profile for %s", path);
	else if (label && *label && strncmp(label, "unconfined", 10) != 0 &&
		 strchr(label, '('))
		report(WARNING, "confinement",
		       "let it: LIBRARY mr, and @{PROC}/@{pid}/** r",
		       "AppArmor: %s", label);
	else if (label && selinux && !strstr(label, "unconfined_t") &&
		 strchr(label, ':'))
		report(WARNING, "confinement",
		       "restorecon LIBRARY (lib_t); ausearch -m avc tells",
		       "SELinux: %s", label);
	else
		report(OK, "confinement", NULL, "none is seen");
	free(label);
	free(enforce);
}

static void overcommit(void)
{
	char *mode = slurp("/proc/sys/vm/overcommit_memory", NULL);

	if (!mode)
		report(UNKNOWN, "overcommit", NULL, "/proc does not say");
	else if (*mode == '2')
		report(OK, "overcommit", NULL,
		       "strict: a native fork of a big process may fail with "
		       "ENOMEM, one made cheap does not");
	else
		report(OK, "overcommit", NULL, "not strict");
	free(mode);
}

static void huge_pages(void)
{
	char *mode = slurp("/sys/kernel/mm/transparent_hugepage/enabled", NULL);

	if (!mode)
		report(OK, "huge-pages", NULL, "no transparent ones");
	else if (strstr(mode, "[always]"))
		report(OK, "huge-pages", NULL,
		       "always: memory that is in them forks quickly "
		       "natively, and is left so");
	else
		report(OK, "huge-pages", NULL, "%s",
		       strstr(mode, "[never]")
			       ? "never"
			       : "madvise: only of programs that ask");
	free(mode);
}

/* How much it gains is a matter of its size. */
static void size(pid_t pid, const char *status)
{
	const char *rss = line_of(status, "VmRSS:");
	char *rollup = of_process(pid, "smaps_rollup");
	const char *huge = line_of(rollup, "AnonHugePages:");
	long mb = rss ? atol(rss) / 1024 : 0;
	long huge_mb = huge ? atol(huge) / 1024 : 0;

	if (!rss)
		report(UNKNOWN, "size", NULL, "/proc does not say");
	else if (huge_mb > mb / 2)
		report(WARNING, "size", NULL,
		       "%ld MB, of which %ld in huge pages: a native fork is "
		       "quick",
		       mb, huge_mb);
	else
		report(mb < 64 ? WARNING : OK, "size", NULL,
		       "%ld MB%s: a native fork takes some %ld ms", mb,
		       huge_mb ? ", some in huge pages" : "",
		       (mb * 10 + 512) / 1024);
	free(rollup);
}

void around_check(pid_t pid, const char *path)
{
	char *status = of_process(pid, "status");

	filters(status);
	tracer(status);
	hidepid(pid);
	confinement(pid, path);
	overcommit();
	huge_pages();
	if (pid)
		size(pid, status);
	free(status);
}
