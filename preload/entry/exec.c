/* SPDX-License-Identifier: MIT
 *
 * The exec family. In a child that shares memory the engine is told before,
 * and after a failure; everywhere else these are the real functions, with the
 * environment that VSPAWN_CHILDREN asks for. libc calls its own, so each
 * public name has its wrapper.
 */
#include <alloca.h>
#include <errno.h>
#include <stdarg.h>
#include <stddef.h>
#include <unistd.h>

#include "entry/env.h"
#include "entry/exec.h"
#include "port.h"
#include "share/share.h"
#include "txn/txn.h"
#include "base/vspawn.h"

/* glibc has it since 2.34, and its header only then. */
int execveat(int dir, const char *path, char *const argv[], char *const envp[],
	     int flags);

static int real_execveat(int dir, const char *path, char *const argv[],
			 char *const envp[], int flags)
{
	if (VS_REAL(execveat))
		return VS_REAL(execveat)(dir, path, argv, envp, flags);
	return (int)VS_REAL(syscall)(SYS_execveat, dir, path, argv, envp,
				     flags);
}

static void begins(uintptr_t cfa)
{
	if (vs_unlikely(vs_sharing != NULL))
		vs_share_exec_begins(cfa);
}

static int failed(int result)
{
	if (vs_unlikely(vs_sharing != NULL))
		vs_share_exec_failed();
	return result;
}

/* Without the trap that the real one would be. */
static int speculative_execve(const char *path, char *const argv[],
			      char *const envp[])
{
	long args[6] = {(long)path, (long)argv, (long)envp};

	return (int)vs_return(vs_txn_syscall(SYS_execve, args));
}

/* For syscall(), and by it: the next execve() may itself be made of it. `cfa`
 * is of its caller. */
int vs_execve(uintptr_t cfa, const char *path, char *const argv[],
	      char *const envp[])
{
	char *const *env = VS_ENV(envp);

	begins(cfa);
	return failed((int)VS_REAL(syscall)(SYS_execve, path, argv, env));
}

int vs_execveat(uintptr_t cfa, int dir, const char *path, char *const argv[],
		char *const envp[], int flags)
{
	char *const *env = VS_ENV(envp);

	begins(cfa);
	return failed((int)VS_REAL(syscall)(SYS_execveat, dir, path, argv, env,
					    flags));
}

/* `env` is the environment in `call`. */
#define EXEC(envp, call)                                  \
	__extension__({                                   \
		char *const *env = VS_ENV(envp);          \
                                                          \
		begins((uintptr_t)__builtin_dwarf_cfa()); \
		failed(call);                             \
	})

/* As inside libc, where `entry` is not made of another library's execve(). */
static int inner_execve(enum vs_entry entry, const char *path,
			char *const argv[], char *const envp[])
{
	if (vs_interposed(VS_ENTRY_execve) && !vs_interposed(entry))
		return (int)VS_REAL(syscall)(SYS_execve, path, argv, envp);
	return VS_REAL(execve)(path, argv, envp);
}

/* With another environment than environ, execv() is execve(). */

VS_EXPORT int execve(const char *path, char *const argv[], char *const envp[])
{
	if (vs_unlikely(vs_speculative) && !vs_interposed(VS_ENTRY_execve))
		return speculative_execve(path, argv, VS_ENV(envp));
	return EXEC(envp, VS_REAL(execve)(path, argv, env));
}

VS_EXPORT int execv(const char *path, char *const argv[])
{
	return EXEC(environ, env == environ ? VS_REAL(execv)(path, argv)
					    : inner_execve(VS_ENTRY_execv, path,
							   argv, env));
}

VS_EXPORT int execvp(const char *file, char *const argv[])
{
	return EXEC(environ, env == environ
				     ? VS_REAL(execvp)(file, argv)
				     : VS_REAL(execvpe)(file, argv, env));
}

VS_EXPORT int execvpe(const char *file, char *const argv[], char *const envp[])
{
	return EXEC(envp, VS_REAL(execvpe)(file, argv, env));
}

/* To glibc's no environment is EINVAL. */
VS_EXPORT int fexecve(int fd, char *const argv[], char *const envp[])
{
	return EXEC(envp, VS_REAL(fexecve)(fd, argv, envp ? env : envp));
}

VS_EXPORT int execveat(int dir, const char *path, char *const argv[],
		       char *const envp[], int flags)
{
	return EXEC(envp, real_execveat(dir, path, argv, env, flags));
}

/* `argv` from the arguments that start with `arg` and end with NULL, which
 * take any length; `ap` is left behind the NULL. */
#define COLLECT(argv, arg, ap)                           \
	do {                                             \
		size_t n_ = 1, i_ = 1;                   \
                                                         \
		va_start(ap, arg);                       \
		for (const char *a_ = (arg); a_; n_++)   \
			a_ = va_arg(ap, const char *);   \
		va_end(ap);                              \
		argv = alloca((n_ + 1) * sizeof(*argv)); \
		argv[0] = (char *)(arg);                 \
		va_start(ap, arg);                       \
		while (argv[i_ - 1])                     \
			argv[i_++] = va_arg(ap, char *); \
	} while (0)

VS_EXPORT int execl(const char *path, const char *arg, ...)
{
	char **argv;
	va_list ap;

	COLLECT(argv, arg, ap);
	va_end(ap);
	return EXEC(environ, inner_execve(VS_ENTRY_execl, path, argv, env));
}

VS_EXPORT int execlp(const char *file, const char *arg, ...)
{
	char **argv;
	va_list ap;

	COLLECT(argv, arg, ap);
	va_end(ap);
	return EXEC(environ, VS_REAL(execvpe)(file, argv, env));
}

VS_EXPORT int execle(const char *path, const char *arg, ...)
{
	char **argv, **envp;
	va_list ap;

	COLLECT(argv, arg, ap);
	envp = va_arg(ap, char **);
	va_end(ap);
	return EXEC(envp, inner_execve(VS_ENTRY_execle, path, argv, env));
}
