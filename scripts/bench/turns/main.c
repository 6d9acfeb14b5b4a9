/* SPDX-License-Identifier: MIT
 *
 * turns: makes processes take turns, so that whatever else the machine does
 * hits all of them alike. Reads a plan on stdin:
 *	rounds N	how often each turn comes, after one that does not count
 *	count N, ms N	the most children, and milliseconds, of one turn
 *	load N		so many processes that keep the processors busy
 *	calls		counts system calls (as root, by perf's tracepoint)
 *	process NAME [VARIABLE=VALUE...] -- COMMAND [ARGUMENT...]
 *	turn LABEL NAME METHOD
 * The processes speak the lines of host/main.c; what they say in round R of a
 * turn comes out as "LABEL R line". Round 0 is the one that does not count. The
 * order is another one in each round, and every second one runs backwards.
 */
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "turns.h"

enum { MOST = 64, WORDS = 64 };

static struct process process[MOST];
static int processes;

static struct turn {
	char label[80], method[40];
	struct process *process;
} turn[MOST];
static int turns;

static int rounds = 10, count = 10, ms = 150;
static bool calls;

_Noreturn void die(const char *why)
{
	fprintf(stderr, "turns: %s\n", why);
	exit(2);
}

/* ---- turns ---- */

static void take(const struct turn *t, int round)
{
	struct process *p = t->process;
	long before = process_calls(p);
	char line[200];

	if (p->failed)
		return;
	fprintf(p->in, "%s %d %d\n", t->method, count, ms);
	fflush(p->in);
	for (;;) {
		if (!process_line(p, line, sizeof(line))) {
			strcpy(line, "failed: it died or gave no answer");
			p->failed = true;
		}
		if (!strcmp(line, "end"))
			break;
		printf("%s %d %s\n", t->label, round, line);
		if (!strncmp(line, "failed", 6))
			return;
	}
	if (before >= 0)
		printf("%s %d calls %ld\n", t->label, round,
		       process_calls(p) - before - p->own_calls);
}

/* What it calls in each turn for itself, not for a child. */
static void find_own_calls(struct process *p)
{
	long before = process_calls(p);
	char line[200];

	if (p->failed || before < 0)
		return;
	for (int i = 0; i < 2; i++) {
		before = process_calls(p);
		fprintf(p->in, "nothing 1 0\n");
		fflush(p->in);
		while (process_line(p, line, sizeof(line)) &&
		       strcmp(line, "end") && strncmp(line, "failed", 6))
			;
	}
	p->own_calls = process_calls(p) - before;
}

static void take_all(void)
{
	for (int round = 0; round <= rounds; round++) {
		for (int i = 0; i < turns; i++) {
			int at = (round + i) % turns;

			take(&turn[round % 2 ? turns - 1 - at : at], round);
		}
		fflush(stdout);
	}
}

static void add_turn(char **word)
{
	struct turn *t = &turn[turns];

	for (int i = 0; i < processes; i++) {
		if (strcmp(process[i].name, word[1]))
			continue;
		snprintf(t->label, sizeof(t->label), "%s", word[0]);
		snprintf(t->method, sizeof(t->method), "%s", word[2]);
		t->process = &process[i];
		turns++;
		return;
	}
	die("a turn of no process");
}

static void load(int n)
{
	while (n-- > 0) {
		if (fork() == 0) {
			prctl(PR_SET_PDEATHSIG, SIGKILL);
			for (;;)
				__asm__ volatile("" ::: "memory");
		}
	}
}

/* ---- the plan ---- */

static void obey(char **word, int words)
{
	const char *what = word[0];
	int n = words > 1 ? atoi(word[1]) : 0;

	if (!strcmp(what, "rounds"))
		rounds = n;
	else if (!strcmp(what, "count"))
		count = n;
	else if (!strcmp(what, "ms"))
		ms = n;
	else if (!strcmp(what, "load"))
		load(n);
	else if (!strcmp(what, "calls"))
		calls = true;
	else if (!strcmp(what, "process") && words > 3 && processes < MOST)
		process_start(&process[processes++], word + 1, calls);
	else if (!strcmp(what, "turn") && words == 4 && turns < MOST)
		add_turn(word + 1);
	else
		die("no such line in the plan");
}

int main(void)
{
	static char line[8192];
	char *word[WORDS + 1], *at;
	int words;

	signal(SIGPIPE, SIG_IGN);
	/* A shell that runs this beside itself has them ignored. */
	signal(SIGINT, SIG_DFL);
	signal(SIGQUIT, SIG_DFL);
	while (fgets(line, sizeof(line), stdin)) {
		words = 0;
		for (at = strtok(line, " \t\n"); at && words < WORDS;
		     at = strtok(NULL, " \t\n"))
			word[words++] = at;
		word[words] = NULL;
		if (words)
			obey(word, words);
	}
	for (int i = 0; i < processes; i++)
		process_ready(&process[i]);
	for (int i = 0; i < processes; i++)
		find_own_calls(&process[i]);
	take_all();
	for (int i = 0; i < processes; i++) {
		fclose(process[i].in);
		waitpid(process[i].pid, NULL, 0);
	}
	return 0;
}
