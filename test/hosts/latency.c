/* SPDX-License-Identifier: MIT
 *
 * latency MB: a program with that much memory in use, that starts children
 * and says how long it took. Reads lines "METHOD COUNT MS" on stdin; runs
 * ./nop by METHOD up to COUNT times or for MS milliseconds, at least once;
 * prints for each
 *	call reaped stall
 * in nanoseconds: until the call returned in the parent, until the child was
 * reaped, and the longest time that a second thread, which uses the memory
 * and maps and unmaps some, was held up meanwhile. Then "end", or
 * "failed: WHY".
 */
#include <errno.h>
#include <pthread.h>
#include <spawn.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { PAGE = 4096, MAPPED = 16 * PAGE };

static char *const nop[] = {"./nop", NULL};
extern char **environ;

static char **block;
static size_t blocks;

/* What the second thread is to do, when it was last seen, and the longest it
 * was not, since a sample began. */
static atomic_bool busy;
static _Atomic long seen, began, worst_gap;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t wake = PTHREAD_COND_INITIALIZER;

static long now_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1000000000L + t.tv_nsec;
}

/* Blocks of 100 KB and 1 MB by turns: malloc takes the first from its heap
 * and maps each of the others. */
static void fill(size_t mb)
{
	size_t left = mb << 20;

	/* Huge pages would make the fork cheap, and no two machines alike. */
	prctl(PR_SET_THP_DISABLE, 1, 0, 0, 0);
	block = calloc((left >> 19) + 2, sizeof(*block));
	while (block && left) {
		size_t size = blocks % 2 ? 1 << 20 : 100 << 10;

		if (size > left)
			size = left;
		block[blocks] = malloc(size);
		if (!block[blocks])
			exit(1);
		for (size_t at = 0; at < size; at += PAGE)
			block[blocks][at] = 1;
		blocks++;
		left -= size;
	}
}

/* One turn of the second thread: write to some block, map and unmap. */
static void use_memory(size_t turn)
{
	char *mapped;

	block[turn * 7919 % blocks][0]++;
	mapped = mmap(NULL, MAPPED, PROT_READ | PROT_WRITE,
		      MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (mapped == MAP_FAILED)
		return;
	mapped[0] = 1;
	munmap(mapped, MAPPED);
}

static void wait_for_work(void)
{
	pthread_mutex_lock(&lock);
	while (!busy)
		pthread_cond_wait(&wake, &lock);
	pthread_mutex_unlock(&lock);
}

static long gap_until(long now)
{
	return now - (seen > began ? seen : began);
}

static void *sibling(void *unused)
{
	for (size_t turn = 0;; turn++) {
		wait_for_work();
		seen = now_ns();
		for (; busy; turn++) {
			long now;

			use_memory(turn);
			now = now_ns();
			if (gap_until(now) > worst_gap)
				worst_gap = gap_until(now);
			seen = now;
		}
	}
	return unused;
}

static void set_busy(bool on)
{
	pthread_mutex_lock(&lock);
	busy = on;
	pthread_cond_signal(&wake);
	pthread_mutex_unlock(&lock);
}

static void child(void)
{
	execve(nop[0], nop, environ);
	_exit(127);
}

static pid_t by_fork(void)
{
	pid_t pid = fork();

	if (pid == 0)
		child();
	return pid;
}

static pid_t by_vfork(void)
{
	pid_t pid = vfork();

	if (pid == 0)
		child();
	return pid;
}

static pid_t by_posix_spawn(void)
{
	pid_t pid;

	errno = posix_spawn(&pid, nop[0], NULL, NULL, nop, environ);
	return errno ? -1 : pid;
}

/* Returns when the child has been reaped. */
static pid_t by_system(void)
{
	int status = system(nop[0]);

	if (status > 0)
		errno = ECHILD;
	return status ? -1 : 0;
}

static const struct method {
	const char *name;
	pid_t (*start)(void);
} methods[] = {
	{"fork", by_fork},
	{"vfork", by_vfork},
	{"posix_spawn", by_posix_spawn},
	{"system", by_system},
};

static const struct method *find(const char *name)
{
	for (size_t i = 0; i < sizeof(methods) / sizeof(*methods); i++) {
		if (!strcmp(methods[i].name, name))
			return &methods[i];
	}
	return NULL;
}

/* NULL, or why there is no sample. */
static const char *sample(const struct method *method)
{
	long start, returned, reaped;
	int status = 0;
	pid_t pid;

	worst_gap = 0;
	began = start = now_ns();
	pid = method->start();
	returned = now_ns();
	if (pid < 0)
		return strerror(errno);
	if (pid > 0 && waitpid(pid, &status, 0) != pid)
		return "the child was not ours to wait for";
	reaped = now_ns();
	if (status)
		return "the child did not exit with 0";
	if (gap_until(reaped) > worst_gap)
		worst_gap = gap_until(reaped);
	printf("%ld %ld %ld\n", returned - start, reaped - start,
	       (long)worst_gap);
	return NULL;
}

static void run(const char *name, long count, long ms)
{
	long limit = now_ns() + ms * 1000000;
	const struct method *method = find(name);
	const char *failed = method ? NULL : "no such method";

	set_busy(true);
	do {
		if (!failed)
			failed = sample(method);
	} while (!failed && --count > 0 && now_ns() < limit);
	set_busy(false);
	if (failed)
		printf("failed: %s\n", failed);
	else
		puts("end");
}

int main(int argc, char **argv)
{
	char line[80], name[40];
	pthread_t thread;
	long count, ms;

	if (argc != 2 || atol(argv[1]) < 1) {
		fprintf(stderr, "usage: latency MB\n");
		return 2;
	}
	fill((size_t)atol(argv[1]));
	if (pthread_create(&thread, NULL, sibling, NULL))
		return 1;
	/* Fully buffered: no system call of ours while it is measured. */
	setvbuf(stdout, NULL, _IOFBF, 1 << 16);
	puts("ready");
	fflush(stdout);
	while (fgets(line, sizeof(line), stdin)) {
		if (sscanf(line, "%39s %ld %ld", name, &count, &ms) == 3)
			run(name, count, ms);
		fflush(stdout);
	}
	return 0;
}
