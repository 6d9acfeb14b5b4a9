/* SPDX-License-Identifier: MIT
 *
 * A program that calls what interposer.c has its own version of, in children
 * of every kind; says what became of each.
 */
#include <dlfcn.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#if __has_include("port.h")
#	include "port.h"
#endif

extern char **environ;

/* Not being position-independent, this program has an address of its own for a
 * function that it takes the address of, which holds for the whole process. */
static unsigned long (*volatile taken)(unsigned long);

static char *argv_of_child[] = {"/bin/true", NULL};
static const char *const program = "/bin/true";

static void ended(const char *what, pid_t pid)
{
	int status = -1;

	if (waitpid(pid, &status, 0) != pid)
		status = -2;
	printf("%s %d\n", what, status);
	fflush(stdout);
}

static void prepare_child(void)
{
	struct sigaction ignore = {.sa_handler = SIG_IGN};
	sigset_t set;

	if (dup2(0, 20) != 20 || close(20))
		_exit(50);
	if (sigaction(SIGUSR1, &ignore, NULL) ||
	    signal(SIGUSR2, SIG_IGN) == SIG_ERR)
		_exit(51);
	sigemptyset(&set);
	sigaddset(&set, SIGHUP);
	if (sigprocmask(SIG_BLOCK, &set, NULL))
		_exit(52);
}

enum {
	EXECVE,
	EXECV,
	EXECVEAT,
	EXECVE_NUMBER,
	EXECVEAT_NUMBER,
	EXECL,
	EXECLE,
	EXECLP,
	NONE,
	WAYS
};

/* Not all libcs have it; then the interposer's is there. */
static void call_execveat(void)
{
	int (*f)(int, const char *, char *const[], char *const[], int) =
		__extension__(__typeof__(f)) dlsym(RTLD_DEFAULT, "execveat");

	f(AT_FDCWD, program, argv_of_child, environ, 0);
}

static void become(int way)
{
	if (way == EXECVE)
		execve(program, argv_of_child, environ);
	else if (way == EXECV)
		execv(program, argv_of_child);
	else if (way == EXECVEAT)
		call_execveat();
	else if (way == EXECVE_NUMBER)
		syscall(SYS_execve, program, argv_of_child, environ);
	else if (way == EXECVEAT_NUMBER)
		syscall(SYS_execveat, AT_FDCWD, program, argv_of_child, environ,
			0);
	else if (way == EXECL)
		execl(program, program, NULL);
	else if (way == EXECLE)
		execle(program, program, NULL, environ);
	else if (way == EXECLP)
		execlp(program, program, NULL);
	_exit(7);
}

static void forks(void)
{
	for (int way = 0; way < WAYS; way++) {
		pid_t pid = fork();

		if (!pid) {
			if (way % 2)
				prepare_child();
			become(way);
		}
		ended("fork", pid);
	}
	for (int way = 0; way < NONE; way++) {
		pid_t pid = vfork();

		if (!pid)
			become(way);
		ended("vfork", pid);
	}
}

#ifdef VS_GLIBC_OLD_SPAWN
extern __typeof__(posix_spawn) old_spawn;
__asm__(".symver old_spawn, posix_spawn@" VS_GLIBC_OLD_SPAWN);
#else
#	define old_spawn posix_spawn
#endif

static void spawns(void)
{
	posix_spawn_file_actions_t actions;
	pid_t pid = -1;
	int error;

	posix_spawn_file_actions_init(&actions);
	posix_spawn_file_actions_addopen(&actions, 9, "/dev/null", O_RDONLY, 0);
	error = posix_spawn(&pid, program, &actions, NULL, argv_of_child,
			    environ);
	printf("error %d\n", error);
	ended("posix_spawn", pid);
	posix_spawn_file_actions_destroy(&actions);
	old_spawn(&pid, program, NULL, NULL, argv_of_child, environ);
	ended("old posix_spawn", pid);
	printf("system %d\n", system("exit 3"));
}

/* The same again by number; with marks, and where nothing is mapped. */
static void maps(bool by_number)
{
	enum { SIZE = 1 << 20 };
	char *at = mmap(NULL, SIZE, PROT_READ | PROT_WRITE,
			MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	at[0] = 'a';
	for (int advice = MADV_DONTFORK; advice <= MADV_DOFORK; advice++) {
		char *to;

		if (by_number) {
			syscall(SYS_madvise, at, SIZE, advice);
			to = (char *)syscall(SYS_mremap, at, SIZE, 2 * SIZE,
					     MREMAP_MAYMOVE, NULL);
		} else {
			madvise(at, SIZE, advice);
			to = mremap(at, SIZE, 2 * SIZE, MREMAP_MAYMOVE);
		}
		printf("moved %c\n", to[0]);
		at = mremap(to, 2 * SIZE, SIZE, MREMAP_MAYMOVE);
	}
	munmap(at, SIZE);
	printf("gone %d\n", by_number ? (int)syscall(SYS_munmap, at, SIZE)
				      : munmap(at, SIZE));
	printf("moved %d\n",
	       mremap(at, SIZE, 2 * SIZE, MREMAP_MAYMOVE) == MAP_FAILED);
}

int main(void)
{
	setvbuf(stdout, NULL, _IOLBF, 0);
	taken = getauxval;
	maps(false);
	maps(true);
	forks();
	spawns();
	forks();
	return 0;
}
