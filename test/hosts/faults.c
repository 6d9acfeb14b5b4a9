/* SPDX-License-Identifier: MIT
 *
 * faults WAY STATE FILE [once]: a program of 64 MB that makes one child, WAY
 * being fork (which execs), served (the same, its memory closed to itself),
 * exit (fork without exec), spawn or vfork; the child becomes STATE, which
 * writes to FILE. Then another thread makes one more. Says all that the program
 * itself can notice of it, so that two runs can be compared.
 */
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <spawn.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "noticed.h"

extern char **environ;

static char *become[4];
static bool clean; /* the child must change nothing: its memory is shared */

static void on_death(int sig)
{
	(void)sig;
	deaths++;
}

static void fill(void)
{
	heap = mmap(NULL, HEAP, PROT_READ | PROT_WRITE,
		    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	shared = mmap(NULL, PAGE, PROT_READ | PROT_WRITE,
		      MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	for (int i = 0; i < PAGES; i++)
		heap[i * PAGE + i % PAGE] = (char)i;
	strcpy(shared, "shared");
}

static void prepare_signals(void)
{
	static char stack[1 << 16];
	stack_t alternate = {.ss_sp = stack, .ss_size = sizeof(stack)};
	struct sigaction death = {.sa_handler = on_death,
				  .sa_flags = SA_RESTART | SA_NOCLDSTOP};
	sigset_t set;

	sigaltstack(&alternate, NULL);
	sigaction(SIGCHLD, &death, NULL);
	signal(SIGUSR1, on_death);
	signal(SIGSYS, on_death);
	signal(SIGHUP, SIG_IGN);
	sigemptyset(&set);
	sigaddset(&set, SIGUSR2);
	sigprocmask(SIG_BLOCK, &set, NULL);
}

/* ---- children ---- */

/* What any child might do. An error is the end, as any other thing that others
 * can see: a transaction is rolled back then. */
static bool prepares(void)
{
	struct sigaction act = {.sa_handler = SIG_DFL};
	char here[PAGE];
	int ends[2];

	for (int i = 0; i < PAGES; i += PAGES / 8) {
		if (heap[i * PAGE + i % PAGE] != (char)i)
			return false;
		if (!clean)
			heap[i * PAGE + i % PAGE] = 'c';
	}
	return !strcmp(shared, "shared") && !sigaction(SIGUSR1, &act, NULL) &&
	       !pipe2(ends, O_CLOEXEC) && dup2(ends[0], 20) == 20 &&
	       open("/dev/null", O_RDWR) >= 0 && !chdir("/") &&
	       getcwd(here, sizeof(here)) && !close(ends[1]);
}

static pid_t by_fork(void)
{
	pid_t pid = fork();

	if (pid)
		return pid;
	if (prepares())
		execve(become[0], become, environ);
	_exit(50);
}

static pid_t by_fork_without_exec(void)
{
	pid_t pid = fork();

	if (pid)
		return pid;
	_exit(prepares() ? 4 : 50);
}

static pid_t by_vfork(void)
{
	pid_t pid = vfork();

	if (pid)
		return pid;
	execve(become[0], become, environ);
	_exit(50);
}

static pid_t by_spawn(void)
{
	posix_spawn_file_actions_t actions;
	posix_spawnattr_t attr;
	sigset_t set;
	pid_t pid;

	posix_spawn_file_actions_init(&actions);
	posix_spawn_file_actions_addopen(&actions, 20, "/dev/null", O_RDWR, 0);
	posix_spawn_file_actions_adddup2(&actions, 20, 21);
	posix_spawn_file_actions_addclose(&actions, 20);
	posix_spawnattr_init(&attr);
	posix_spawnattr_setflags(&attr, POSIX_SPAWN_SETPGROUP |
						POSIX_SPAWN_SETSIGMASK |
						POSIX_SPAWN_SETSIGDEF);
	sigemptyset(&set);
	sigaddset(&set, SIGHUP);
	posix_spawnattr_setsigdefault(&attr, &set);
	posix_spawnattr_setsigmask(&attr, &set);
	errno = posix_spawn(&pid, become[0], &actions, &attr, become, environ);
	if (errno)
		return -1;
	errno = 77;
	return pid;
}

/* Nothing that the first has left is in the way of the second. */
static void *second(void *way)
{
	become[1] = "exit";
	become[2] = "4";
	say_status("second", (*(pid_t(*const *)(void))way)());
	return NULL;
}

int main(int argc, char **argv)
{
	static const struct {
		char name[8];
		pid_t (*by)(void);
	} ways[] = {{"fork", by_fork},
		    {"served", by_fork},
		    {"exit", by_fork_without_exec},
		    {"spawn", by_spawn},
		    {"vfork", by_vfork}};
	int way = 0;
	pthread_t thread;
	uint64_t sum;
	pid_t pid;

	if (argc < 4)
		return 2;
	while (strcmp(ways[way].name, argv[1]))
		way++;
	clean = getenv("VSPAWN_FORK") &&
		!strcmp(getenv("VSPAWN_FORK"), "share");
	unsetenv("LD_PRELOAD");
	unsetenv("VSPAWN_FORK");
	unsetenv("VSPAWN_FAULT");
	become[0] = argv[2];
	become[1] = argv[3];
	fill();
	prepare_signals();
	if (!strcmp(argv[1], "served"))
		prctl(PR_SET_DUMPABLE, 0);
	sum = heap_sum();
	get_actions(before);
	sigaltstack(NULL, &stack_before);
	errno = 77;
	pid = ways[way].by();
	if (pid > 0 && errno != 77)
		printf("errno changed to %d\n", errno);
	say_status("first", pid);
	say_all(sum);
	if (argc > 4)
		return 0;
	pthread_create(&thread, NULL, second, (void *)&ways[way].by);
	pthread_join(thread, NULL);
	say_all(sum);
	return 0;
}
