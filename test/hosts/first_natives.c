/* SPDX-License-Identifier: MIT
 *
 * first_natives N: a process whose threads fork for the first time, one by
 * fork(), two in a way that is libc's own. The latter's children fork, too, and
 * have to get to their end. N says when; the exit status, how many did not.
 */
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "patience.h"
#include "port.h"

enum { HEAP = 32 << 20, EACH = 6, STEP = 131, SPREAD = 40000 };
enum { PATIENCE_MS = 3000 };

static _Atomic int go, lost;

static void *forks(void *delay)
{
	pid_t pid;

	while (!go)
		;
	for (volatile int i = 0; i < *(int *)delay; i++)
		;
	pid = fork();
	if (!pid) {
		execl("/bin/true", "true", NULL);
		_exit(9);
	}
	waitpid(pid, NULL, 0);
	return NULL;
}

static pid_t by_number(long flags, int *tid)
{
	const long args[2] = {[VS_CLONE_FLAGS] = flags};

	return (pid_t)syscall(SYS_clone, args[0], args[1], 0, tid, tid);
}

static _Noreturn void forks_itself(void)
{
	pid_t pid = by_number(SIGCHLD, NULL);
	int status = 0;

	if (!pid)
		_exit(4);
	waitpid(pid, &status, 0);
	_exit(status == 4 << 8 ? 4 : 5);
}

static void *forks_natively(void *unused)
{
	while (!go)
		;
	for (int i = 0; i < EACH; i++) {
		int tid;
		pid_t pid = by_number(SIGCHLD | CLONE_CHILD_SETTID, &tid);

		if (!pid)
			forks_itself();
		lost += status_within(pid, PATIENCE_MS) != 4 << 8;
	}
	return unused;
}

int main(int argc, char **argv)
{
	int delay = atoi(argv[argc - 1]) * STEP % SPREAD;
	pthread_t thread[3];

	mmap(NULL, HEAP, PROT_READ | PROT_WRITE,
	     MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);
	pthread_create(&thread[0], NULL, forks, &delay);
	pthread_create(&thread[1], NULL, forks_natively, NULL);
	pthread_create(&thread[2], NULL, forks_natively, NULL);
	usleep(100);
	go = 1;
	for (int i = 0; i < 3; i++)
		pthread_join(thread[i], NULL);
	return lost;
}
