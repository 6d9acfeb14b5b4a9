/* SPDX-License-Identifier: MIT
 *
 * first_clones HOW N: a program whose threads fork, and mark memory as not for
 * children, while one makes children by clone(), as launchers of containers do.
 * These do the same, and have to get to their end. HOW is "told", or "untold":
 * their thread pointer is one that was given them. The exit status is 1 if
 * one of N did not.
 */
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "context.h"
#include "patience.h"
#include "port.h"

enum { HEAP = 32 << 20, SMALL_STACK = 8192, SOME = 1 << 16 };
enum { PATIENCE_MS = 5000, CODE = 4 };

static _Atomic int go, stop;
static char *marked[2];

/* No lock of libc's is held in it, which natively would be copied, too. */
static pid_t by_number(void)
{
	long args[2] = {0, 0};

	args[VS_CLONE_FLAGS] = SIGCHLD;
	return (pid_t)syscall(SYS_clone, args[0], args[1], 0, 0, 0);
}

static void forks_once(void)
{
	static char *argv[] = {"true", NULL};
	pid_t pid = by_number();

	if (!pid) {
		syscall(SYS_execve, "/bin/true", argv, environ);
		_exit(9);
	}
	waitpid(pid, NULL, 0);
}

static void *forks(void *unused)
{
	while (!go)
		;
	while (!stop)
		forks_once();
	return unused;
}

static void marks_once(char *at)
{
	madvise(at, SOME, MADV_DONTFORK);
	madvise(at, SOME, MADV_DOFORK);
}

static void *marks(void *unused)
{
	while (!go)
		;
	while (!stop)
		marks_once(marked[0]);
	return unused;
}

static int child(void *forks_too)
{
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	marks_once(marked[1]);
	signal(SIGSYS, SIG_DFL);
	if (forks_too)
		forks_once();
	return CODE;
}

static int is_lost(pid_t pid)
{
	return status_within(pid, PATIENCE_MS) != CODE << 8;
}

static char *some_memory(size_t size)
{
	return mmap(NULL, size, PROT_READ | PROT_WRITE,
		    MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);
}

int main(int argc, char **argv)
{
	int n = atoi(argv[argc - 1]), lost = 0, flags = SIGCHLD;
	char *stack = some_memory(SMALL_STACK) + SMALL_STACK;
	uintptr_t tls = vs_thread_pointer();
	pthread_t thread[2];

	some_memory(HEAP);
	marked[0] = some_memory(SOME);
	marked[1] = some_memory(SOME);
	/* On CPUs of 32 bits it may be the descriptor of a segment. */
	if (tls && sizeof(long) == 8 && !strcmp(argv[1], "untold"))
		flags |= CLONE_SETTLS;
	pthread_create(&thread[0], NULL, forks, NULL);
	pthread_create(&thread[1], NULL, marks, NULL);
	go = 1;
	for (int i = 0; i < n && !lost; i++) {
		pid_t pid = clone(child, stack, flags, stack, NULL, (void *)tls,
				  NULL);

		lost += is_lost(pid);
	}
	stop = 1;
	pthread_join(thread[0], NULL);
	pthread_join(thread[1], NULL);
	return lost;
}
