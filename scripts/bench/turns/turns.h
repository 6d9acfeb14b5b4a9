/* SPDX-License-Identifier: MIT
 * Between the files of turns; see main.c. */
#ifndef BENCH_TURNS_H
#define BENCH_TURNS_H

#include <stdbool.h>
#include <stdio.h>
#include <sys/types.h>

struct process {
	char name[40];
	pid_t pid;
	FILE *in, *out;
	int calls;	/* perf's counter, or -1 */
	long own_calls; /* in a turn, beside those for its children */
	bool failed;
};

_Noreturn void die(const char *why);

/* Starts NAME [VARIABLE=VALUE...] -- COMMAND...; `calls`: to be counted. */
void process_start(struct process *p, char **word, bool calls);

/* It says "ready", or has failed. */
void process_ready(struct process *p);

/* Its next line; false if there is none. One that takes too long is killed. */
bool process_line(struct process *p, char *line, int size);

/* System calls that it and its children have made, or -1. */
long process_calls(const struct process *p);

#endif
