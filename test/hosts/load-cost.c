/* SPDX-License-Identifier: MIT
 *
 * load-cost COUNT COMMAND LIBRARY...: how long COMMAND takes from vfork until
 * it has been reaped, with each LIBRARY in LD_PRELOAD; "-" is none. They take
 * turns, COUNT times. Prints the quartiles in microseconds, a line for each:
 *	library lower median upper
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { LIBRARIES = 8, SAMPLES = 100000 };

static double samples[LIBRARIES][SAMPLES];

static double now_us(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec * 1e6 + (double)t.tv_nsec / 1e3;
}

/* Microseconds, or less than 0. */
static double run(char *command, char *preload)
{
	char *argv[] = {command, NULL};
	char *envp[] = {preload, NULL};
	double start = now_us();
	pid_t pid = vfork();
	int status;

	if (pid == 0) {
		execve(command, argv, envp);
		_exit(127);
	}
	if (pid < 0 || waitpid(pid, &status, 0) != pid || status)
		return -1;
	return now_us() - start;
}

static int ascending(const void *a, const void *b)
{
	double d = *(const double *)a - *(const double *)b;

	return (d > 0) - (d < 0);
}

int main(int argc, char **argv)
{
	static char preload[LIBRARIES][4096];
	int count = argc > 3 ? atoi(argv[1]) : 0, libraries = argc - 3;

	if (count < 1 || count > SAMPLES || libraries > LIBRARIES) {
		fputs("usage: load-cost COUNT COMMAND LIBRARY...\n", stderr);
		return 2;
	}
	for (int i = 0; i < libraries; i++) {
		if (strcmp(argv[3 + i], "-"))
			snprintf(preload[i], sizeof(preload[i]),
				 "LD_PRELOAD=%s", argv[3 + i]);
	}
	for (int n = 0; n < count; n++) {
		for (int i = 0; i < libraries; i++) {
			/* A different one first each time. */
			int which = (n + i) % libraries;

			samples[which][n] = run(argv[2], preload[which]);
			if (samples[which][n] < 0) {
				fprintf(stderr, "load-cost: %s failed\n",
					argv[2]);
				return 1;
			}
		}
	}
	for (int i = 0; i < libraries; i++) {
		qsort(samples[i], (size_t)count, sizeof(double), ascending);
		printf("%s %.1f %.1f %.1f\n", argv[3 + i],
		       samples[i][count / 4], samples[i][count / 2],
		       samples[i][count * 3 / 4]);
	}
	return 0;
}
