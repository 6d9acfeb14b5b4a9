/* SPDX-License-Identifier: MIT
 *
 * The exec family. In a child that shares memory the engine is told before,
 * and after a failure; everywhere else these are the real functions, with the
 * environment that VSPAWN_CHILDREN asks for. libc calls its own, so each
 * public name has its wrapper.
 */
#include <stdarg.h>
#include <unistd.h>

#include "base/errno.h"
#include "entry/internal.h"
#include "port.h"
#include "rules/rules.h"
#include "share/share.h"
#include "stats/stats.h"
#include "txn/calls/calls.h"
#include "txn/calls/exec/exec.h"

/* glibc has it since 2.34, and its header only then. */
int execveat(int dir, const char *path, char *const argv[], char *const envp[],
	     int flags);

/* A rule may say that `file` is run by a true child only. Returns what failed()
 * is to be told. */
static bool begins(enum vs_entry entry, uintptr_t caller_sp, const char *file,
		   char *const *argv)
{
	if (vs_unlikely(vs_config.reports & VS_REPORT_TRACE) && !vs_speculative)
		vs_stats_exec(entry, file, argv);
	if (vs_is_sharing() && vs_rules_forbid_exec(file)) {
		vs_share_report(caller_sp);
		vs_share_become_true_child();
	}
	if (!vs_provisional())
		return vs_exec_begins(caller_sp - 1);
	if (vs_is_sharing())
		vs_share_exec_begins(caller_sp);
	return false;
}

/* An exec that has come back has failed. Returns `result`. */
static int failed(bool alone, int result)
{
	if (vs_is_sharing())
		vs_share_exec_failed();
	if (vs_unlikely(alone))
		vs_exec_failed();
	return result;
}

/* Without the trap that the real one would be. */
static int speculative_execve(const char *path, char *const argv[],
			      char *const envp[])
{
	long args[6] = {(long)path, (long)argv, (long)envp};

	return (int)vs_return(vs_child_syscall(SYS_execve, args));
}

/* As inside libc, where `entry` is not made of another library's execve(). */
static int inner_execve(enum vs_entry entry, const char *path,
			char *const argv[], char *const envp[])
{
	if (vs_interposed(VS_ENTRY_execve) && !vs_interposed(entry))
		return (int)VS_REAL(syscall)(SYS_execve, path, argv, envp);
	return VS_REAL(execve)(path, argv, envp);
}

/* By syscall(), not by the next execve(), which may itself be made of it. */
int vs_execve(uintptr_t caller_sp, const char *path, char *const argv[],
	      char *const envp[])
{
	char *room[vs_env_room(envp)];
	char *const *env = vs_env_edit(envp, room);

	const bool alone = begins(VS_ENTRY_execve, caller_sp, path, argv);
	return failed(alone,
		      (int)VS_REAL(syscall)(SYS_execve, path, argv, env));
}

int vs_execveat(uintptr_t caller_sp, int dir, const char *path,
		char *const argv[], char *const envp[], int flags)
{
	char *room[vs_env_room(envp)];
	char *const *env = vs_env_edit(envp, room);

	const bool alone = begins(VS_ENTRY_execveat, caller_sp, path, argv);
	return failed(alone, (int)VS_REAL(syscall)(SYS_execveat, dir, path,
						   argv, env, flags));
}

VS_EXPORT int execve(const char *path, char *const argv[], char *const envp[])
{
	char *room[vs_env_room(envp)];
	char *const *env = vs_env_edit(envp, room);

	if (vs_unlikely(vs_speculative) && !vs_interposed(VS_ENTRY_execve))
		return speculative_execve(path, argv, env);
	const bool alone = begins(VS_ENTRY_execve, VS_CALLER_SP, path, argv);
	return failed(alone, VS_REAL(execve)(path, argv, env));
}

/* With another environment than environ, execv() is execve(). */
VS_EXPORT int execv(const char *path, char *const argv[])
{
	char *room[vs_env_room(environ)];
	char *const *env = vs_env_edit(environ, room);

	const bool alone = begins(VS_ENTRY_execv, VS_CALLER_SP, path, argv);
	if (env == environ)
		return failed(alone, VS_REAL(execv)(path, argv));
	return failed(alone, inner_execve(VS_ENTRY_execv, path, argv, env));
}

/* libc looks for PATH in the environment, string by string, of which each may
 * be lazy. */
static int speculative_search(const char *file, char *const argv[],
			      char *const envp[])
{
	char **own = environ;
	bool whole = envp == own;
	int r;

	vs_exec_gather(&argv, &envp);
	if (whole)
		environ = (char **)envp;
	r = VS_REAL(execvpe)(file, argv, envp);
	environ = own;
	return r;
}

VS_EXPORT int execvp(const char *file, char *const argv[])
{
	char *room[vs_env_room(environ)];
	char *const *env = vs_env_edit(environ, room);

	const bool alone = begins(VS_ENTRY_execvp, VS_CALLER_SP, file, argv);
	if (vs_unlikely(vs_speculative) && !vs_interposed(VS_ENTRY_execvp))
		return speculative_search(file, argv, env);
	if (env == environ)
		return failed(alone, VS_REAL(execvp)(file, argv));
	return failed(alone, VS_REAL(execvpe)(file, argv, env));
}

VS_EXPORT int execvpe(const char *file, char *const argv[], char *const envp[])
{
	char *room[vs_env_room(envp)];
	char *const *env = vs_env_edit(envp, room);

	const bool alone = begins(VS_ENTRY_execvpe, VS_CALLER_SP, file, argv);
	if (vs_unlikely(vs_speculative) && !vs_interposed(VS_ENTRY_execvpe))
		return speculative_search(file, argv, env);
	return failed(alone, VS_REAL(execvpe)(file, argv, env));
}

/* To glibc's no environment is EINVAL. */
VS_EXPORT int fexecve(int fd, char *const argv[], char *const envp[])
{
	char *room[vs_env_room(envp)];
	char *const *env = vs_env_edit(envp, room);

	const bool alone = begins(VS_ENTRY_fexecve, VS_CALLER_SP, NULL, argv);
	return failed(alone, VS_REAL(fexecve)(fd, argv, envp ? env : envp));
}

VS_EXPORT int execveat(int dir, const char *path, char *const argv[],
		       char *const envp[], int flags)
{
	char *room[vs_env_room(envp)];
	char *const *env = vs_env_edit(envp, room);

	const bool alone = begins(VS_ENTRY_execveat, VS_CALLER_SP, path, argv);
	if (VS_REAL(execveat))
		return failed(alone,
			      VS_REAL(execveat)(dir, path, argv, env, flags));
	return failed(alone, (int)VS_REAL(syscall)(SYS_execveat, dir, path,
						   argv, env, flags));
}

/* ---- those that take a list of arguments, of any length ---- */

/* Of `arg` and what follows, with the NULL at the end. */
static size_t count(const char *arg, va_list *more)
{
	size_t n = 1;

	for (; arg; n++)
		arg = va_arg(*more, const char *);
	return n;
}

/* Leaves `more` behind the NULL. */
static void collect(char **argv, const char *arg, va_list *more)
{
	*argv = (char *)arg;
	while (*argv)
		*++argv = va_arg(*more, char *);
}

/* Declares `argv`, on the stack of the caller, of `arg` and what follows;
 * leaves `more` open behind the NULL. */
#define COLLECT(argv, arg, more)         \
	va_start(more, arg);             \
	char *argv[count(arg, &(more))]; \
	va_end(more);                    \
	va_start(more, arg);             \
	collect(argv, arg, &(more))

VS_EXPORT int execl(const char *path, const char *arg, ...)
{
	char *room[vs_env_room(environ)];
	char *const *env = vs_env_edit(environ, room);
	va_list more;

	COLLECT(argv, arg, more);
	va_end(more);
	const bool alone = begins(VS_ENTRY_execl, VS_CALLER_SP, path, argv);
	return failed(alone, inner_execve(VS_ENTRY_execl, path, argv, env));
}

VS_EXPORT int execlp(const char *file, const char *arg, ...)
{
	char *room[vs_env_room(environ)];
	char *const *env = vs_env_edit(environ, room);
	va_list more;

	COLLECT(argv, arg, more);
	va_end(more);
	const bool alone = begins(VS_ENTRY_execlp, VS_CALLER_SP, file, argv);
	if (vs_unlikely(vs_speculative) && !vs_interposed(VS_ENTRY_execlp))
		return speculative_search(file, argv, env);
	return failed(alone, VS_REAL(execvpe)(file, argv, env));
}

VS_EXPORT int execle(const char *path, const char *arg, ...)
{
	char **envp;
	va_list more;

	COLLECT(argv, arg, more);
	envp = va_arg(more, char **);
	va_end(more);

	char *room[vs_env_room(envp)];
	char *const *env = vs_env_edit(envp, room);

	const bool alone = begins(VS_ENTRY_execle, VS_CALLER_SP, path, argv);
	return failed(alone, inner_execve(VS_ENTRY_execle, path, argv, env));
}
