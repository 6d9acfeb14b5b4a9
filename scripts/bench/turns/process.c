/* SPDX-License-Identifier: MIT
 * The processes that take turns: how they are started, asked, and counted. */
#include <linux/perf_event.h>
#include <signal.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "turns.h"

/* Seconds that an answer may take. */
enum { PATIENCE = 60 };

/* Descriptors that are not the process's. */
enum { LAST = 512 };

/* ---- system calls ---- */

static long tracepoint(void)
{
	static const char *const place[] = {"/sys/kernel/tracing",
					    "/sys/kernel/debug/tracing"};
	char path[120];
	long id = -1;

	for (int i = 0; i < 2 && id < 0; i++) {
		FILE *file;

		snprintf(path, sizeof(path),
			 "%s/events/raw_syscalls/sys_enter/id", place[i]);
		file = fopen(path, "r");
		if (file && fscanf(file, "%ld", &id) != 1)
			id = -1;
		if (file)
			fclose(file);
	}
	return id;
}

/* Of that process and all that it will make. */
static int count_calls(pid_t pid)
{
	struct perf_event_attr attr = {
		.type = PERF_TYPE_TRACEPOINT,
		.size = sizeof(attr),
		.inherit = 1,
	};
	long id = tracepoint();

	if (id < 0)
		return -1;
	attr.config = (uint64_t)id;
	return (int)syscall(SYS_perf_event_open, &attr, pid, -1, -1,
			    PERF_FLAG_FD_CLOEXEC);
}

long process_calls(const struct process *p)
{
	uint64_t n;

	if (p->calls < 0 || read(p->calls, &n, sizeof(n)) != sizeof(n))
		return -1;
	return (long)n;
}

/* ---- processes ---- */

/* Sets the variables and gives the command that follows "--". */
static char **set_environment(char **word)
{
	for (; *word && strcmp(*word, "--"); word++)
		putenv(*word);
	return *word ? word + 1 : word;
}

void process_start(struct process *p, char **word, bool calls)
{
	int in[2], out[2], go[2];

	snprintf(p->name, sizeof(p->name), "%s", word[0]);
	if (pipe2(in, 0) || pipe2(out, 0) || pipe2(go, 0))
		die("no pipe");
	p->pid = fork();
	if (p->pid == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		dup2(in[0], 0);
		dup2(out[1], 1);
		close(go[1]);
		/* Until it is counted. */
		if (read(go[0], &(char){0}, 1) < 0)
			_exit(127);
		for (int fd = 3; fd < LAST; fd++)
			close(fd);
		word = set_environment(word + 1);
		execvp(word[0], word);
		_exit(127);
	}
	p->calls = calls ? count_calls(p->pid) : -1;
	close(in[0]);
	close(out[1]);
	close(go[0]);
	close(go[1]);
	p->in = fdopen(in[1], "w");
	p->out = fdopen(out[0], "r");
}

static struct process *awaited;

static void too_late(int sig)
{
	(void)sig;
	if (awaited)
		kill(awaited->pid, SIGKILL);
}

bool process_line(struct process *p, char *line, int size)
{
	bool there;

	signal(SIGALRM, too_late);
	awaited = p;
	alarm(PATIENCE);
	there = fgets(line, size, p->out);
	alarm(0);
	awaited = NULL;
	if (there)
		line[strcspn(line, "\n")] = '\0';
	return there;
}

void process_ready(struct process *p)
{
	char line[200];

	if (!process_line(p, line, sizeof(line)))
		strcpy(line, "failed: did not start");
	if (strcmp(line, "ready")) {
		p->failed = true;
		fprintf(stderr, "turns: %s: %s\n", p->name, line);
	}
}
