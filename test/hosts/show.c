/* SPDX-License-Identifier: MIT
 *
 * show FILE ARG...: writes to FILE, one "name value" a line, the state that a
 * program starts with, the open descriptors first. Exits with 0, or with what
 * the environment variable SHOW_EXIT says.
 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static char fds[16384];

/* Number, the descriptor's flags, and what it is open on. */
static void collect_fds(void)
{
	char *at = fds;

	for (int fd = 0; fd < 1024 && at < fds + sizeof(fds) - 600; fd++) {
		char link[64], target[512];
		ssize_t n;

		if (fcntl(fd, F_GETFD) < 0)
			continue;
		snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
		n = readlink(link, target, sizeof(target) - 1);
		target[n < 0 ? 0 : n] = '\0';
		at += sprintf(at, "fd%d %s %s%s\n", fd, target,
			      fcntl(fd, F_GETFL) & O_APPEND ? "append " : "",
			      fcntl(fd, F_GETFL) & O_WRONLY ? "write" : "");
	}
}

/* The lines of /proc/self/status on signals. */
static void print_signals(FILE *out)
{
	FILE *in = fopen("/proc/self/status", "re");
	char line[256];

	while (in && fgets(line, sizeof(line), in)) {
		unsigned long long set;
		char name[32];

		if (sscanf(line, "%31[A-Za-z]:\t%llx", name, &set) != 2)
			continue;
		/* 32 and 33 are libc's own: by its version. */
		if (!strcmp(name, "SigIgn"))
			fprintf(out, "own %llx\n", set & 3ULL << 31);
		if (!strcmp(name, "SigIgn") || !strcmp(name, "SigBlk") ||
		    !strcmp(name, "SigCgt"))
			fprintf(out, "%s %llx\n", name, set & ~(3ULL << 31));
	}
	if (in)
		fclose(in);
}

int main(int argc, char **argv)
{
	const char *code = getenv("SHOW_EXIT");
	struct sched_param param = {0};
	char cwd[PATH_MAX];
	FILE *out;

	if (argc < 2)
		return 99;
	collect_fds();
	out = fopen(argv[1], "we");
	if (!out)
		return 98;
	fputs(fds, out);
	print_signals(out);
	sched_getparam(0, &param);
	fprintf(out, "cwd %s\n", getcwd(cwd, sizeof(cwd)) ? cwd : "?");
	fprintf(out, "pid %d\nppid %d\n", getpid(), getppid());
	fprintf(out, "pgid %s%d\n", getpgrp() == getpid() ? "own " : "",
		getpgrp() == getpid() ? 0 : getpgrp());
	fprintf(out, "sid %s%d\n", getsid(0) == getpid() ? "own " : "",
		getsid(0) == getpid() ? 0 : getsid(0));
	fprintf(out, "policy %d\npriority %d\n", sched_getscheduler(0),
		param.sched_priority);
	fprintf(out, "uid %d\neuid %d\ngid %d\negid %d\n", getuid(), geteuid(),
		getgid(), getegid());
	for (int i = 0; i < argc; i++)
		fprintf(out, "arg%d %s\n", i, argv[i]);
	for (char **e = environ; *e; e++) {
		if (!strncmp(*e, "SHOW", 4))
			fprintf(out, "env %s\n", *e);
	}
	if (fclose(out))
		return 97;
	return code ? atoi(code) : 0;
}
