/* SPDX-License-Identifier: MIT
 *
 * Not a program but a shared object to preload: one of those that log what a
 * program calls, or make libc's functions of syscall() themselves, as tcmalloc
 * does. The log is what INTERPOSER_LOG names.
 */
#include <dlfcn.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

enum { LOG = 900 };

__attribute__((constructor)) static void open_log(void)
{
	const char *path = getenv("INTERPOSER_LOG");
	int fd = path ? open(path, O_WRONLY | O_APPEND | O_CREAT, 0600) : -1;

	if (fd < 0)
		return;
	syscall(SYS_dup3, fd, LOG, 0);
	syscall(SYS_close, fd);
}

/* Not in children made by vfork() alone: without a word of memory. */
static void called(const char *name)
{
	char line[32] = "";
	size_t n = strlen(name);

	memcpy(line, name, n);
	line[n] = '\n';
	syscall(SYS_write, LOG, line, n + 1);
}

#define NEXT(name)      \
	(called(#name), \
	 __extension__(__typeof__(&name)) dlsym(RTLD_NEXT, #name))

int close(int fd)
{
	called("close");
	return (int)syscall(SYS_close, fd);
}

int dup2(int from, int to)
{
	called("dup2");
	return from == to ? from : (int)syscall(SYS_dup3, from, to, 0);
}

int execve(const char *path, char *const argv[], char *const envp[])
{
	called("execve");
	return (int)syscall(SYS_execve, path, argv, envp);
}

int execv(const char *path, char *const argv[])
{
	called("execv");
	return (int)syscall(SYS_execve, path, argv, environ);
}

int execveat(int dir, const char *path, char *const argv[], char *const envp[],
	     int flags)
{
	called("execveat");
	return (int)syscall(SYS_execveat, dir, path, argv, envp, flags);
}

int madvise(void *at, size_t size, int advice)
{
	called("madvise");
	return (int)syscall(SYS_madvise, at, size, advice);
}

int munmap(void *at, size_t size)
{
	called("munmap");
	return (int)syscall(SYS_munmap, at, size);
}

/* On the way it unmaps something else, by whoever does that here. */
void *mremap(void *old, size_t old_size, size_t size, int flags, ...)
{
	enum { SOME = 4096 };
	void *fixed, *other = mmap(NULL, SOME, PROT_READ,
				   MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	va_list more;

	va_start(more, flags);
	fixed = va_arg(more, void *);
	va_end(more);
	called("mremap");
	munmap(other, SOME);
	return (void *)syscall(SYS_mremap, old, old_size, size, flags, fixed);
}

int sigprocmask(int how, const sigset_t *set, sigset_t *old)
{
	called("sigprocmask");
	return (int)syscall(SYS_rt_sigprocmask, how, set, old, 8);
}

int sigaction(int sig, const struct sigaction *act, struct sigaction *old)
{
	return NEXT(sigaction)(sig, act, old);
}

void (*signal(int sig, void (*handler)(int)))(int)
{
	return NEXT(signal)(sig, handler);
}

pid_t fork(void)
{
	return NEXT(fork)();
}

int posix_spawn(pid_t *pid, const char *path,
		const posix_spawn_file_actions_t *actions,
		const posix_spawnattr_t *attr, char *const argv[],
		char *const envp[])
{
	return NEXT(posix_spawn)(pid, path, actions, attr, argv, envp);
}

int posix_spawn_file_actions_addopen(posix_spawn_file_actions_t *actions,
				     int fd, const char *path, int flags,
				     mode_t mode)
{
	return NEXT(posix_spawn_file_actions_addopen)(actions, fd, path, flags,
						      mode);
}

int system(const char *command)
{
	return NEXT(system)(command);
}
