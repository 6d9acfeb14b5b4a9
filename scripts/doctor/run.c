/* SPDX-License-Identifier: MIT
 * Runs a program of our own, or a loader, and reads what it says. */
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "doctor.h"

/* Whoever does not answer within this many seconds does not answer. */
enum { LIMIT = 20 };

/* What a run of ours must not leave traces by. */
static const char *const files[] = {"VSPAWN_STATS", "VSPAWN_LIVE",
				    "VSPAWN_TRACE", "VSPAWN_LOG",
				    "VSPAWN_RULES", "VSPAWN_AUDIT"};

bool run_leaves_out(const char *setting)
{
	for (size_t i = 0; i < sizeof(files) / sizeof(*files); i++) {
		if (!strcmp(setting, files[i]))
			return true;
	}
	return false;
}

static void start(const struct run *what, int out)
{
	int none = open("/dev/null", O_RDWR);
	char pid[16];

	/* With a summary, if that is wanted, even if nothing is in it. */
	snprintf(pid, sizeof(pid), "%d", getpid());
	setenv("VSPAWN_STATS_PID", pid, 1);
	for (size_t i = 0; i < sizeof(files) / sizeof(*files); i++)
		setenv(files[i], "", 1);

	dup2(none, STDIN_FILENO);
	dup2(what->stdout_too ? out : none, STDOUT_FILENO);
	dup2(out, STDERR_FILENO);
	for (const char *const *set = what->set; *set; set++) {
		char *copy = strdup(*set), *value;

		value = copy ? strchr(copy, '=') : NULL;
		if (!value)
			continue;
		*value++ = '\0';
		setenv(copy, value, 1);
	}
	signal(SIGPIPE, SIG_DFL);
	alarm(LIMIT);
	if (who_become(what->who))
		execv(what->argv[0], (char *const *)what->argv);
	_exit(127);
}

int run(const struct run *what, void (*line)(void *, char *), void *arg)
{
	int end[2], status = -1;
	char *text = NULL;
	size_t room = 0;
	FILE *in;
	pid_t pid;

	if (pipe2(end, O_CLOEXEC))
		return -1;
	fflush(stdout);
	pid = fork();
	if (pid == 0)
		start(what, end[1]);
	close(end[1]);
	in = fdopen(end[0], "r");
	while (pid > 0 && in && getline(&text, &room, in) >= 0) {
		text[strcspn(text, "\n")] = '\0';
		line(arg, text);
	}
	free(text);
	if (in)
		fclose(in);
	else
		close(end[0]);
	if (pid < 0 || waitpid(pid, &status, 0) < 0)
		return -1;
	return status;
}
