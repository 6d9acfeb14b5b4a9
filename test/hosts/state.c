/* SPDX-License-Identifier: MIT
 *
 * state FILE ...: writes down everything about itself that fork and exec hand
 * on, so that two ways of starting it can be compared. The FILE exists.
 * state exit CODE: exits.
 */
#include <dirent.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/personality.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <unistd.h>

extern char **environ;

static void print_file(FILE *out, const char *path, const char *const *lines)
{
	FILE *in = fopen(path, "re");
	char line[512];

	if (!in)
		return;
	while (fgets(line, sizeof(line), in)) {
		bool wanted = !lines;

		for (const char *const *l = lines; l && *l; l++)
			wanted |= !strncmp(line, *l, strlen(*l));
		if (wanted)
			fputs(line, out);
	}
	fclose(in);
}

static void print_ids(FILE *out)
{
	fprintf(out, "ppid %d\n", getppid());
	if (getpgrp() == getpid())
		fprintf(out, "pgrp own\n");
	else
		fprintf(out, "pgrp %d\n", getpgrp());
	if (getsid(0) == getpid())
		fprintf(out, "sid own\n");
	else
		fprintf(out, "sid %d\n", getsid(0));
}

static void print_links(FILE *out)
{
	static const char *const links[] = {"cwd", "root", "ns/mnt", "ns/pid"};
	char path[64], target[512];

	for (int i = 0; i < 4; i++) {
		ssize_t n;

		sprintf(path, "/proc/self/%s", links[i]);
		n = readlink(path, target, sizeof(target));
		fprintf(out, "%s %.*s\n", links[i], n < 0 ? 0 : (int)n, target);
	}
}

static void print_fds(FILE *out)
{
	static const char *const lines[] = {"flags:", NULL};
	char path[64], target[512];

	for (int fd = 0; fd < 2000; fd++) {
		ssize_t n;

		if (fcntl(fd, F_GETFD) < 0)
			continue;
		sprintf(path, "/proc/self/fd/%d", fd);
		n = readlink(path, target, sizeof(target));
		fprintf(out, "fd %d %#x %.*s\n", fd, fcntl(fd, F_GETFD),
			n < 0 ? 0 : (int)n, target);
		sprintf(path, "/proc/self/fdinfo/%d", fd);
		print_file(out, path, lines);
	}
}

static void print_limits(FILE *out)
{
	for (int i = 0; i < RLIM_NLIMITS; i++) {
		struct rlimit limit;

		getrlimit(i, &limit);
		fprintf(out, "limit %d %llx %llx\n", i,
			(unsigned long long)limit.rlim_cur,
			(unsigned long long)limit.rlim_max);
	}
}

static void print_scheduling(FILE *out)
{
	struct itimerval timer;

	fprintf(out, "nice %d policy %d io %ld\n", getpriority(PRIO_PROCESS, 0),
		sched_getscheduler(0), syscall(SYS_ioprio_get, 1, 0));
	for (int which = 0; which < 3; which++) {
		getitimer(which, &timer);
		fprintf(out, "timer %d %s interval %ld\n", which,
			timer.it_value.tv_sec || timer.it_value.tv_usec ? "on"
									: "off",
			(long)timer.it_interval.tv_sec);
	}
}

static void print_prctl(FILE *out)
{
	static const int options[] = {PR_GET_DUMPABLE,	  PR_GET_KEEPCAPS,
				      PR_GET_TIMERSLACK,  PR_GET_SECUREBITS,
				      PR_GET_THP_DISABLE, PR_GET_NO_NEW_PRIVS};
	int value = -1;

	for (int i = 0; i < (int)(sizeof(options) / sizeof(*options)); i++)
		fprintf(out, "prctl %d %d\n", options[i],
			prctl(options[i], 0, 0, 0, 0));
	prctl(PR_GET_PDEATHSIG, &value);
	fprintf(out, "pdeathsig %d\n", value);
	prctl(PR_GET_CHILD_SUBREAPER, &value);
	fprintf(out, "subreaper %d\n", value);
	fprintf(out, "personality %x\n", personality(0xffffffff));
}

/* Of /proc/self/stat: terminal, its foreground group, the exit signal. */
static void print_stat(FILE *out)
{
	FILE *in = fopen("/proc/self/stat", "re");
	char line[1024], *word;
	int field = 3;

	if (!in)
		return;
	if (fgets(line, sizeof(line), in)) {
		strtok(strrchr(line, ')') + 1, " ");
		while ((word = strtok(NULL, " "))) {
			field++;
			if (field == 7 || field == 38)
				fprintf(out, "stat %d %s\n", field, word);
		}
	}
	fclose(in);
}

int main(int argc, char **argv)
{
	static const char *const lines[] = {
		"Umask",       "Uid",	       "Gid",
		"Groups",      "Cap",	       "SigP",
		"SigB",	       "SigI",	       "SigC",
		"ShdPnd",      "NoNewPrivs",   "Seccomp",
		"Speculation", "Cpus_allowed", "THP_enabled",
		"Threads",     "TracerPid",    NULL};
	char *text;
	size_t size;
	FILE *out = open_memstream(&text, &size);
	int fd;

	if (argc == 3 && !strcmp(argv[1], "exit"))
		return atoi(argv[2]);
	print_fds(out);
	print_ids(out);
	print_links(out);
	print_limits(out);
	print_scheduling(out);
	print_prctl(out);
	print_stat(out);
	print_file(out, "/proc/self/status", lines);
	print_file(out, "/proc/self/coredump_filter", NULL);
	print_file(out, "/proc/self/oom_score_adj", NULL);
	for (int i = 0; i < argc; i++)
		fprintf(out, "argument %s\n", argv[i]);
	for (char **e = environ; *e; e++)
		fprintf(out, "environment %s\n", *e);
	fclose(out);
	fd = open(argc > 1 ? argv[1] : "/dev/stdout", O_WRONLY | O_TRUNC);
	return write(fd, text, size) != (ssize_t)size;
}
