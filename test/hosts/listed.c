/* SPDX-License-Identifier: MIT
 *
 * Forks while another thread is inside dl_iterate_phdr(), whose lock it keeps
 * until the fork is over; and in a child, in which nobody releases it. libc's
 * fork() asks for no such lock.
 */
#include <link.h>
#include <pthread.h>
#include <semaphore.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

enum { HEAP = 32 << 20 };

static sem_t inside, over;

static int stay(struct dl_phdr_info *info, size_t size, void *unused)
{
	(void)info;
	(void)size;
	(void)unused;
	sem_post(&inside);
	sem_wait(&over);
	return 1;
}

static void *listing(void *unused)
{
	dl_iterate_phdr(stay, NULL);
	return unused;
}

static void must_exit(pid_t pid, int code)
{
	int status;

	if (pid < 0 || waitpid(pid, &status, 0) != pid || status != code << 8)
		exit(1);
}

static void fork_and_exec(void)
{
	pid_t pid = fork();

	if (!pid) {
		execlp("true", "true", (char *)NULL);
		_exit(99);
	}
	must_exit(pid, 0);
}

/* At places of its own, of which nothing is known yet. */
static void fork_twice(void)
{
	pid_t pid = fork();

	if (!pid) {
		alarm(20);
		pid = fork();
		if (!pid)
			_exit(3);
		must_exit(pid, 3);
		_exit(4);
	}
	must_exit(pid, 4);
}

int main(void)
{
	pthread_t thread;
	char *heap = malloc(HEAP);

	memset(heap, 1, HEAP);
	alarm(20);
	sem_init(&inside, 0, 0);
	sem_init(&over, 0, 0);
	pthread_create(&thread, NULL, listing, NULL);
	sem_wait(&inside);
	fork_and_exec();
	fork_twice();
	sem_post(&over);
	pthread_join(thread, NULL);
	puts("done");
	free(heap);
	return 0;
}
