/* SPDX-License-Identifier: MIT
 * For hosts/faults.c: what a program can notice of a child that it has made,
 * and of itself afterwards. */
#ifndef NOTICED_H
#define NOTICED_H

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

enum { PAGE = 4096, HEAP = 64 << 20, PAGES = HEAP / PAGE, SIGNALS = 64 };

static char *heap, *shared;
static volatile int deaths;

/* The kernel's struct sigaction. */
struct action {
	unsigned long word[4];
};

static uint64_t heap_sum(void)
{
	uint64_t sum = 0;

	for (int i = 0; i < PAGES; i++)
		sum = sum * 31 + (unsigned char)heap[i * PAGE + i % PAGE];
	return sum;
}

static void say_status(const char *what, pid_t pid)
{
	int status = -1;

	if (pid < 0)
		printf("%s failed: errno %d\n", what, errno);
	else if (waitpid(pid, &status, 0) != pid)
		printf("%s: not our child\n", what);
	else
		printf("%s status %#x\n", what, (unsigned)status);
	fflush(stdout);
}

static void say_lines(const char *path, const char *const *starts)
{
	FILE *in = fopen(path, "re");
	char line[1024];

	while (fgets(line, sizeof(line), in)) {
		for (const char *const *s = starts; *s; s++) {
			if (!strncmp(line, *s, strlen(*s)))
				fputs(line, stdout);
		}
	}
	fclose(in);
}

/* What of the map lies in the heap, and how much is marked anywhere. */
static void say_maps(void)
{
	FILE *in = fopen("/proc/self/smaps", "re");
	const uintptr_t first = (uintptr_t)heap, last = first + HEAP;
	unsigned long lo, hi, at = 0, end = 0;
	char line[1024];
	int marked = 0;

	while (fgets(line, sizeof(line), in)) {
		if (sscanf(line, "%lx-%lx ", &lo, &hi) == 2) {
			/* It may be one mapping with a neighbour. */
			at = lo > first ? lo : first;
			end = hi < last ? hi : last;
		} else if (!strncmp(line, "VmFlags:", 8)) {
			marked += strstr(line, " dc") != NULL;
			if (at < end)
				printf("heap, %lu KB: %s", (end - at) >> 10,
				       line);
		}
	}
	printf("marked %d\n", marked);
	fclose(in);
}

static void say_fds(void)
{
	printf("descriptors");
	for (int fd = 0; fd < 1024; fd++) {
		if (fcntl(fd, F_GETFD) >= 0)
			printf(" %d:%d", fd, fcntl(fd, F_GETFD));
	}
	printf("\n");
}

static void get_actions(struct action *to)
{
	for (int sig = 1; sig <= SIGNALS; sig++) {
		/* libc's own change with the first thread. */
		if (sig != 32 && sig != 33)
			syscall(SYS_rt_sigaction, sig, NULL, &to[sig - 1], 8);
	}
}

static struct action before[SIGNALS], after[SIGNALS];
static stack_t stack_before, stack_after;

static void say_all(uint64_t sum)
{
	static const char *const status[] = {"Sig",	"Shd",	 "Threads",
					     "Seccomp", "NoNew", NULL};

	get_actions(after);
	sigaltstack(NULL, &stack_after);
	printf("dispositions %s, alternate stack %s, memory %s\n",
	       memcmp(before, after, sizeof(after)) ? "changed" : "kept",
	       memcmp(&stack_before, &stack_after, sizeof(stack_after))
		       ? "changed"
		       : "kept",
	       sum == heap_sum() && !strcmp(shared, "shared") ? "kept"
							      : "changed");
	say_lines("/proc/self/status", status);
	say_maps();
	say_fds();
	printf("SIGCHLD %d, wait %d", deaths,
	       waitpid(-1, NULL, WNOHANG | __WALL));
	printf(", errno %d\n", errno);
	fflush(stdout);
}

#endif
