/* SPDX-License-Identifier: MIT
 *
 * ways MB ROUNDS THREADS: a program with that much memory in use and that many
 * threads that allocate, makes children in every way that libc offers and
 * says what became of each, so that two runs can be compared. Exits with 1 if
 * something went wrong that a program could notice.
 */
#include <errno.h>
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

enum { BLOCK = 100 << 10, ALLOCATIONS = 50 };

static unsigned char **block;
static int blocks, wrong;

static void fill(int mb)
{
	blocks = mb * 10;
	block = calloc((size_t)blocks + 1, sizeof(*block));
	for (int i = 0; i < blocks; i++) {
		block[i] = malloc(BLOCK);
		memset(block[i], i % 251, BLOCK);
	}
}

static int intact(void)
{
	for (int i = 0; i < blocks; i++) {
		if (block[i][0] != i % 251 || block[i][BLOCK - 1] != i % 251)
			return 0;
	}
	return 1;
}

/* Of all sizes, so that an allocator uses each of its ways. */
static void allocate(unsigned seed)
{
	char *some[ALLOCATIONS];

	for (int i = 0; i < ALLOCATIONS; i++) {
		size_t size = (size_t)1 << (seed + (unsigned)i) % 19;

		some[i] = malloc(size);
		memset(some[i], 1, size);
	}
	for (int i = 0; i < ALLOCATIONS; i++)
		free(some[i]);
}

static atomic_bool stop;

static void *allocator(void *unused)
{
	for (unsigned n = 0; !stop; n++)
		allocate(n);
	return unused;
}

static void become(const char *command)
{
	execl("/bin/sh", "sh", "-c", command, NULL);
	_exit(127);
}

/* ---- children of fork() ---- */

static void execs(void)
{
	become("exit 3");
}

static void allocates(void)
{
	time_t now;

	time(&now);
	for (unsigned n = 0; n < 19; n++)
		allocate(n);
	block[1] = realloc(block[1], 10 * BLOCK);
	free(block[2]);
	become("exit 4");
}

static void fails_to_exec(void)
{
	char *argv[] = {"none", NULL};

	execv("/no/such/program", argv);
	_exit(errno == ENOENT ? 5 : 6);
}

/* What it changes and frees is its own. */
static void keeps_to_itself(void)
{
	int ok = intact();

	allocate(7);
	for (int i = 0; i < blocks; i++) {
		memset(block[i], 255, BLOCK);
		free(block[i]);
	}
	free(block);
	block = NULL;
	blocks = 0;
	/* Not exit(): the other threads are gone, what they held is lost. */
	_exit(ok ? 7 : 8);
}

static void forks(void)
{
	pid_t pid = fork();
	int status = -1;

	if (!pid)
		become("exit 9");
	waitpid(pid, &status, 0);
	_exit(WEXITSTATUS(status));
}

static int run_fork(void (*child)(void))
{
	pid_t pid = fork();
	int status = -1;

	if (!pid)
		child();
	if (waitpid(pid, &status, 0) != pid)
		return -1;
	return status;
}

/* ---- the others ---- */

static int run_vfork(void)
{
	pid_t pid = vfork();
	int status = -1;

	if (!pid) {
		execl("/bin/sh", "sh", "-c", "exit 10", NULL);
		_exit(127);
	}
	waitpid(pid, &status, 0);
	return status;
}

static int run_spawn(const char *command)
{
	char *argv[] = {"sh", "-c", (char *)command, NULL};
	posix_spawn_file_actions_t actions;
	int error, status = -1;
	pid_t pid;

	posix_spawn_file_actions_init(&actions);
	posix_spawn_file_actions_addopen(&actions, 5, "/dev/null", 0, 0);
	posix_spawn_file_actions_adddup2(&actions, 5, 6);
	error = posix_spawnp(&pid, "sh", &actions, NULL, argv, environ);
	posix_spawn_file_actions_destroy(&actions);
	if (error || waitpid(pid, &status, 0) != pid)
		return -1;
	return status;
}

static int run_popen(void)
{
	char text[16] = "";
	FILE *in = popen("echo text; exit 12", "r");

	if (!in || !fgets(text, sizeof(text), in) || strcmp(text, "text\n"))
		return -1;
	return pclose(in);
}

static void say(const char *way, int status, int expected)
{
	printf("%s %#x\n", way, (unsigned)status);
	fflush(stdout);
	wrong |= status != expected << 8;
}

static void round_of_all(void)
{
	say("fork, exec", run_fork(execs), 3);
	say("fork, malloc, exec", run_fork(allocates), 4);
	say("fork, exec that fails", run_fork(fails_to_exec), 5);
	say("fork, no exec", run_fork(keeps_to_itself), 7);
	say("fork, fork", run_fork(forks), 9);
	say("vfork", run_vfork(), 10);
	say("posix_spawn", run_spawn("exit 11"), 11);
	say("popen", run_popen(), 12);
	say("system", system("exit 13"), 13);
	wrong |= !intact();
}

int main(int argc, char **argv)
{
	pthread_t thread[8];
	int rounds, threads;

	if (argc != 4)
		return 2;
	say("small: fork, exec", run_fork(execs), 3);
	fill(atoi(argv[1]));
	rounds = atoi(argv[2]);
	threads = atoi(argv[3]) % 9;
	for (int i = 0; i < threads; i++)
		pthread_create(&thread[i], NULL, allocator, NULL);
	for (int i = 0; i < rounds; i++)
		round_of_all();
	stop = true;
	for (int i = 0; i < threads; i++)
		pthread_join(thread[i], NULL);
	wrong |= waitpid(-1, NULL, WNOHANG) != -1 || errno != ECHILD;
	for (int i = 0; i < blocks; i++)
		free(block[i]);
	free(block);
	return wrong;
}
