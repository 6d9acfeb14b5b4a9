/* SPDX-License-Identifier: MIT
 *
 * What a child that shares memory must not do before it is a true child, and
 * a speculative one not at all: end in libc's way, change what belongs to the
 * whole memory (changing ids marks it undumpable, for the parent too), start
 * threads, write to the environment.
 */
#include <grp.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

#include "share/share.h"
#include "base/vspawn.h"

/* Of <assert.h>, where glibc has an unsigned line and musl a signed one. */
void __assert_fail(const char *text, const char *file, unsigned line,
		   const char *function) __attribute__((noreturn));

__attribute__((cold, noinline)) static void leave(enum vs_entry entry,
						  uintptr_t cfa)
{
	if (vs_sharing)
		vs_share_report(cfa);
	vs_leave_speculation(entry);
}

#define LEAVE(name)                                              \
	do {                                                     \
		if (vs_unlikely(vs_speculative || vs_sharing))   \
			leave(VS_ENTRY_##name,                   \
			      (uintptr_t)__builtin_dwarf_cfa()); \
	} while (0)

/* A function that returns, and one that does not. */
#define RETURNS(type, name, params, args)                        \
	VS_EXPORT type name params                               \
	{                                                        \
		if (vs_unlikely(vs_sharing != NULL))             \
			leave(VS_ENTRY_##name,                   \
			      (uintptr_t)__builtin_dwarf_cfa()); \
		return VS_REAL(name) args;                       \
	}
#define ENDS(name, params, args)             \
	VS_EXPORT _Noreturn void name params \
	{                                    \
		LEAVE(name);                 \
		VS_REAL(name) args;          \
		__builtin_unreachable();     \
	}

ENDS(exit, (int status), (status))
ENDS(abort, (void), ())
ENDS(__assert_fail,
     (const char *text, const char *file, unsigned line, const char *function),
     (text, file, line, function))

RETURNS(int, raise, (int sig), (sig))

VS_EXPORT int pthread_create(pthread_t *restrict thread,
			     const pthread_attr_t *restrict attr,
			     void *(*start)(void *), void *restrict arg)
{
	__typeof__(&pthread_create) real;

	if (vs_unlikely(vs_sharing != NULL))
		leave(VS_ENTRY_pthread_create,
		      (uintptr_t)__builtin_dwarf_cfa());
	vs_libc_prepare();
	real = __extension__(__typeof__(real))
		vs_real_in(VS_ENTRY_pthread_create, "libpthread.so.0");
	return real(thread, attr, start, arg);
}

RETURNS(int, setenv, (const char *name, const char *value, int replace),
	(name, value, replace))
RETURNS(int, unsetenv, (const char *name), (name))
RETURNS(int, putenv, (char *string), (string))
RETURNS(int, clearenv, (void), ())

RETURNS(int, setuid, (uid_t id), (id))
RETURNS(int, setgid, (gid_t id), (id))
RETURNS(int, seteuid, (uid_t id), (id))
RETURNS(int, setegid, (gid_t id), (id))
RETURNS(int, setreuid, (uid_t real, uid_t effective), (real, effective))
RETURNS(int, setregid, (gid_t real, gid_t effective), (real, effective))
RETURNS(int, setresuid, (uid_t real, uid_t effective, uid_t saved),
	(real, effective, saved))
RETURNS(int, setresgid, (gid_t real, gid_t effective, gid_t saved),
	(real, effective, saved))
RETURNS(int, setgroups, (size_t n, const gid_t *list), (n, list))
RETURNS(int, initgroups, (const char *user, gid_t group), (user, group))

/* A child that shares memory may leave by these as it is: only where from is
 * of interest. */
#define LEAVES(name)                                                       \
	VS_EXPORT _Noreturn void name(int status)                          \
	{                                                                  \
		if (vs_unlikely(vs_sharing != NULL))                       \
			vs_share_report((uintptr_t)__builtin_dwarf_cfa()); \
		VS_REAL(name)(status);                                     \
		__builtin_unreachable();                                   \
	}

LEAVES(_exit)
LEAVES(_Exit)
