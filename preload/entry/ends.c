/* SPDX-License-Identifier: MIT
 *
 * What a child that shares memory must not do before it is a true child: end in
 * libc's way, change what belongs to the whole memory (changing ids marks it
 * undumpable, for the parent too), start threads, write to the environment. A
 * speculative one must not run the handlers of exit() either.
 */
#include <grp.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

#include "entry/internal.h"
#include "share/share.h"

/* Of <assert.h>, where glibc has an unsigned line and musl a signed one. */
void __assert_fail(const char *text, const char *file, unsigned line,
		   const char *function) __attribute__((noreturn));

/* ---- what does not return ---- */

static void end(enum vs_entry entry, uintptr_t caller_sp)
{
	vs_leave_sharing(entry, caller_sp);
	if (vs_unlikely(vs_speculative))
		vs_leave(entry);
}

VS_EXPORT _Noreturn void exit(int status)
{
	end(VS_ENTRY_exit, VS_CALLER_SP);
	VS_REAL(exit)(status);
	__builtin_unreachable();
}

VS_EXPORT _Noreturn void abort(void)
{
	end(VS_ENTRY_abort, VS_CALLER_SP);
	VS_REAL(abort)();
	__builtin_unreachable();
}

VS_EXPORT _Noreturn void __assert_fail(const char *text, const char *file,
				       unsigned line, const char *function)
{
	end(VS_ENTRY___assert_fail, VS_CALLER_SP);
	VS_REAL(__assert_fail)(text, file, line, function);
	__builtin_unreachable();
}

/* A child that shares memory may leave by these as it is: only where from is
 * of interest. */
static void leave_as_it_is(uintptr_t caller_sp)
{
	if (vs_is_sharing())
		vs_share_report(caller_sp);
}

VS_EXPORT _Noreturn void _exit(int status)
{
	leave_as_it_is(VS_CALLER_SP);
	VS_REAL(_exit)(status);
	__builtin_unreachable();
}

VS_EXPORT _Noreturn void _Exit(int status)
{
	leave_as_it_is(VS_CALLER_SP);
	VS_REAL(_Exit)(status);
	__builtin_unreachable();
}

/* ---- what is the whole memory's: a true child, and the real function ---- */

#define LEAVES(name, parameters, ...)                            \
	VS_EXPORT int name parameters                            \
	{                                                        \
		vs_leave_sharing(VS_ENTRY_##name, VS_CALLER_SP); \
		return VS_REAL(name)(__VA_ARGS__);               \
	}

LEAVES(raise, (int sig), sig)

VS_EXPORT int pthread_create(pthread_t *restrict thread,
			     const pthread_attr_t *restrict attr,
			     void *(*start)(void *), void *restrict arg)
{
	__typeof__(&pthread_create) real;

	vs_leave_sharing(VS_ENTRY_pthread_create, VS_CALLER_SP);
	vs_prepare();
	real = __extension__(__typeof__(real))
		vs_real_in(VS_ENTRY_pthread_create, "libpthread.so.0");
	return real(thread, attr, start, arg);
}

LEAVES(setenv, (const char *name, const char *value, int replace), name, value,
       replace)
LEAVES(unsetenv, (const char *name), name)
LEAVES(putenv, (char *string), string)
LEAVES(clearenv, (void), )

LEAVES(setuid, (uid_t id), id)
LEAVES(setgid, (gid_t id), id)
LEAVES(seteuid, (uid_t id), id)
LEAVES(setegid, (gid_t id), id)
LEAVES(setreuid, (uid_t real, uid_t effective), real, effective)
LEAVES(setregid, (gid_t real, gid_t effective), real, effective)
LEAVES(setresuid, (uid_t real, uid_t effective, uid_t saved), real, effective,
       saved)
LEAVES(setresgid, (gid_t real, gid_t effective, gid_t saved), real, effective,
       saved)
LEAVES(setgroups, (size_t n, const gid_t *list), n, list)
LEAVES(initgroups, (const char *user, gid_t group), user, group)
