/* SPDX-License-Identifier: MIT
 * What the suites use and an old glibc, or musl, lacks: by what is preloaded,
 * or by the system call. */
#ifndef TEST_OLD_LIBC_H
#define TEST_OLD_LIBC_H

#include <dlfcn.h>
#include <sys/syscall.h>
#include <sys/types.h>
#include <unistd.h>

#include "port.h"

#ifndef CLOSE_RANGE_UNSHARE
#	define CLOSE_RANGE_UNSHARE 2U
#endif
#ifndef CLOSE_RANGE_CLOEXEC
#	define CLOSE_RANGE_CLOEXEC 4U
#endif

#ifdef __GLIBC__
#	define HAS_NEW	  __GLIBC_PREREQ(2, 34)
#	define HAS__FORK HAS_NEW
#else /* musl 1.2 */
#	define HAS_NEW	  0
#	define HAS__FORK 1
#endif

#if !HAS_NEW
#	define OLD static __attribute__((unused))

#	ifdef __GLIBC__
OLD pid_t _Fork(void)
{
	pid_t (*f)(void) = (pid_t(*)(void))dlsym(RTLD_DEFAULT, "_Fork");

	return f ? f() : fork();
}
#	endif

OLD int execveat(int dir, const char *path, char *const argv[],
		 char *const envp[], int flags)
{
	int (*f)(int, const char *, char *const[], char *const[], int) =
		(__typeof__(f))dlsym(RTLD_DEFAULT, "execveat");

	if (f)
		return f(dir, path, argv, envp, flags);
	return (int)syscall(SYS_execveat, dir, path, argv, envp, flags);
}

OLD int close_range(unsigned first, unsigned last, int flags)
{
	return (int)syscall(SYS_close_range, first, last, flags);
}

OLD void closefrom(int first)
{
	close_range((unsigned)first, ~0U, 0);
}
#endif

#endif
