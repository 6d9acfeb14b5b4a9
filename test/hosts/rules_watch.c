/* SPDX-License-Identifier: MIT
 *
 * rules_watch FILE SECONDS: forks and execs for so long, and gives FILE a new
 * time before each fork; a second thread looks for descriptors meanwhile. Says
 * which it has seen that the program has not opened.
 */
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static atomic_bool over;
static atomic_int seen = -1;

/* Low numbers, and where the library puts its own. */
static void *watch(void *unused)
{
	while (!over) {
		for (int fd = 3; fd < 110; fd = fd == 8 ? 98 : fd + 1) {
			if (fcntl(fd, F_GETFD) >= 0)
				seen = fd;
		}
	}
	return unused;
}

static void make_child(void)
{
	pid_t pid = fork();

	if (pid == 0) {
		execlp("true", "true", (char *)NULL);
		_exit(99);
	}
	if (pid > 0)
		waitpid(pid, NULL, 0);
}

int main(int argc, char **argv)
{
	struct timespec pause = {0, 20000000};
	time_t end;
	pthread_t thread;

	if (argc < 3)
		return 99;
	for (int fd = 3; fd < 110; fd++)
		close(fd);
	memset(malloc(32 << 20), 1, 32 << 20);
	pthread_create(&thread, NULL, watch, NULL);
	for (end = time(NULL) + atoi(argv[2]); time(NULL) <= end;) {
		if (utimensat(AT_FDCWD, argv[1], NULL, 0))
			return 98;
		make_child();
		nanosleep(&pause, NULL);
	}
	over = true;
	pthread_join(thread, NULL);
	printf("seen %d\n", seen);
	return 0;
}
