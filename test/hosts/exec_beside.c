/* SPDX-License-Identifier: MIT
 *
 * exec_beside THREAD MS: one thread forks a child that ends by itself, while
 * another execs this program anew, after so many milliseconds. That waits for
 * what children there are, and exits with 0 if none is left, nor has their
 * descriptors. "first" execs in the second thread, "second" in the first.
 */
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { HEAP = 32 << 20, WORKS_MS = 30, PATIENCE_MS = 5000 };
enum { IS_THERE = 2, IS_LEFT = 3 };

static int ends[2];
static const char *self;
static int delay;

static long now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

/* The write is what others could notice. */
static _Noreturn void work(void)
{
	long end = now_ms() + WORKS_MS;

	while (now_ms() < end)
		;
	write(ends[1], "", 1);
	_exit(0);
}

static void *forks(void *unused)
{
	if (!fork())
		work();
	for (;;)
		pause();
	return unused;
}

static void *execs(void *unused)
{
	char text[16];

	snprintf(text, sizeof(text), "%d", ends[0]);
	usleep(delay * 1000);
	execl(self, self, "after", text, NULL);
	_exit(1);
	return unused;
}

/* Of a pipe whose other end only children have. */
static int is_over(int fd)
{
	struct pollfd look = {.fd = fd, .events = POLLIN};
	char byte;

	while (poll(&look, 1, PATIENCE_MS) == 1)
		if (read(fd, &byte, 1) != 1)
			return 1;
	return 0;
}

static int after(int fd)
{
	if (!is_over(fd))
		return IS_THERE;
	while (waitpid(-1, NULL, 0) > 0)
		;
	return waitpid(-1, NULL, __WALL | WNOHANG) < 0 ? 0 : IS_LEFT;
}

int main(int argc, char **argv)
{
	pthread_t thread;
	int first;

	if (argc < 3)
		return 1;
	if (!strcmp(argv[1], "after"))
		return after(atoi(argv[2]));
	first = !strcmp(argv[1], "first");
	self = argv[0];
	delay = atoi(argv[2]);
	mmap(NULL, HEAP, PROT_READ | PROT_WRITE,
	     MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);
	pipe(ends);
	fcntl(ends[1], F_SETFD, FD_CLOEXEC);
	pthread_create(&thread, NULL, first ? execs : forks, NULL);
	(first ? forks : execs)(NULL);
	return 1;
}
