/* SPDX-License-Identifier: MIT
 *
 * soak N STATE: makes N children, STATE (state.c) as the program, of all kinds
 * in a program with threads and 64 MB, the first tenth of them as a warm-up,
 * and says what they have cost for good: what the process has after the
 * warm-up, and after the rest. Exits with 1 if that is more, or if a child was
 * not what it should have been.
 */
#include <errno.h>
#include <fcntl.h>
#include <malloc.h>
#include <pthread.h>
#include <spawn.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

extern char **environ;

enum { HEAP = 64 << 20, THREADS = 4, CODE = 4 };

/* What malloc and the kernel's batched counters may move by, whatever N is. */
enum { NOISE_KB = 1024 };

static char *heap;
static char *become[] = {NULL, "exit", "4", NULL};
static atomic_long left, wrong;

static int reaped(pid_t pid)
{
	int status = -1;

	if (pid > 0 && waitpid(pid, &status, 0) != pid)
		return -1;
	return status;
}

static void execs(void)
{
	execv(become[0], become);
	_exit(99);
}

static int committed(void)
{
	pid_t pid = fork();

	if (!pid)
		execs();
	return reaped(pid);
}

/* Others can see that, before the exec. */
static int rolled_back(void)
{
	int ends[2], status;
	char byte = 0;
	pid_t pid;

	if (pipe2(ends, O_CLOEXEC))
		return -1;
	pid = fork();
	if (!pid) {
		if (write(ends[1], "b", 1) == 1)
			execs();
		_exit(99);
	}
	status = reaped(pid);
	if (read(ends[0], &byte, 1) != 1 || byte != 'b')
		status = -1;
	close(ends[0]);
	close(ends[1]);
	return status;
}

static int without_exec(void)
{
	pid_t pid = fork();

	if (!pid) {
		memset(heap, 'x', 1 << 16);
		_exit(CODE);
	}
	return reaped(pid);
}

static int by_vfork(void)
{
	pid_t pid = vfork();

	if (!pid)
		execs();
	return reaped(pid);
}

static int by_spawn(void)
{
	posix_spawn_file_actions_t actions;
	pid_t pid = -1;
	int error;

	posix_spawn_file_actions_init(&actions);
	posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", 0, 0);
	error = posix_spawn(&pid, become[0], &actions, NULL, become, environ);
	posix_spawn_file_actions_destroy(&actions);
	return error ? -1 : reaped(pid);
}

static int by_failing_spawn(void)
{
	char *nothing[] = {"nothing", NULL};
	pid_t pid;

	return posix_spawn(&pid, "/no/such/program", NULL, NULL, nothing,
			   environ) == ENOENT
		       ? CODE << 8
		       : -1;
}

static int by_system(void)
{
	return system("exit 4");
}

static int by_popen(void)
{
	FILE *in = popen("echo text; exit 4", "r");
	char text[8] = "";

	if (!in)
		return -1;
	if (!fgets(text, sizeof(text), in) || strcmp(text, "text\n"))
		wrong++;
	return pclose(in);
}

/* As often as programs use them, the cheap ones more often. */
static int (*const kinds[])(void) = {
	committed, by_spawn,  by_vfork,	    committed, by_failing_spawn,
	by_spawn,  committed, rolled_back,  by_vfork,  by_spawn,
	committed, by_system, without_exec, by_spawn,  by_popen};

static void *spawns(void *unused)
{
	enum { KINDS = sizeof(kinds) / sizeof(*kinds) };
	long n;

	while ((n = left--) > 0) {
		if (kinds[n % KINDS]() != CODE << 8)
			wrong++;
	}
	return unused;
}

static void make(long n)
{
	pthread_t thread[THREADS];

	left = n;
	for (int i = 0; i < THREADS; i++)
		pthread_create(&thread[i], NULL, spawns, NULL);
	for (int i = 0; i < THREADS; i++)
		pthread_join(thread[i], NULL);
}

/* ---- what it costs for good ---- */

enum { SIZE, RESIDENT, FD_TABLE, THREAD_COUNT, MAPS, MARKED, FDS, FIGURES };

static const char *const names[] = {"VmSize:",	  "VmRSS:",   "FDSize:",
				    "Threads:",	  "mappings", "of them marked",
				    "descriptors"};

/* The number behind each name, or of lines with each text. */
static void look(const char *path, long *figures)
{
	FILE *in = fopen(path, "re");
	char line[1024];

	while (fgets(line, sizeof(line), in)) {
		for (int i = 0; i <= THREAD_COUNT; i++) {
			if (!strncmp(line, names[i], strlen(names[i])))
				figures[i] = atol(line + strlen(names[i]));
		}
		figures[MAPS] += !strncmp(line, "VmFlags:", 8);
		figures[MARKED] +=
			!strncmp(line, "VmFlags:", 8) && strstr(line, " dc");
	}
	fclose(in);
}

static void measure(long *figures)
{
	memset(figures, 0, sizeof(long) * FIGURES);
	look("/proc/self/smaps", figures);
	look("/proc/self/status", figures);
	for (int fd = 0; fd < 1024; fd++)
		figures[FDS] += fcntl(fd, F_GETFD) >= 0;
}

static bool flat(const long *before, const long *after)
{
	bool ok = true;

	for (int i = 0; i < FIGURES; i++) {
		long more = after[i] - before[i];

		printf("%-15s %8ld -> %8ld\n", names[i], before[i], after[i]);
		ok = ok && more <= (i <= RESIDENT ? NOISE_KB : 0);
	}
	return ok;
}

int main(int argc, char **argv)
{
	long before[FIGURES], after[FIGURES], n;
	struct timespec began, ended;
	bool ok;

	if (argc != 3)
		return 2;
	n = atol(argv[1]);
	become[0] = argv[2];
	/* An arena more or less would be many MB. */
	mallopt(M_ARENA_MAX, 1);
	heap = malloc(HEAP);
	memset(heap, 'h', HEAP);
	make(n / 10);
	measure(before);
	clock_gettime(CLOCK_MONOTONIC, &began);
	make(n - n / 10);
	clock_gettime(CLOCK_MONOTONIC, &ended);
	measure(after);
	ok = flat(before, after);
	if (waitpid(-1, NULL, WNOHANG | __WALL) != -1 || errno != ECHILD) {
		printf("a child is left\n");
		ok = false;
	}
	for (int i = 0; i < HEAP; i += 512)
		ok = ok && heap[i] == 'h';
	printf("%ld children, %ld of them wrong; %.0f s for the last %ld\n", n,
	       (long)wrong, difftime(ended.tv_sec, began.tv_sec), n - n / 10);
	return wrong || !ok;
}
