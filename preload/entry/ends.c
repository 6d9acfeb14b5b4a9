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

/* ---- signals and threads ---- */

VS_EXPORT int raise(int sig)
{
	vs_leave_sharing(VS_ENTRY_raise, VS_CALLER_SP);
	return VS_REAL(raise)(sig);
}

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

/* ---- the environment ---- */

VS_EXPORT int setenv(const char *name, const char *value, int replace)
{
	vs_leave_sharing(VS_ENTRY_setenv, VS_CALLER_SP);
	return VS_REAL(setenv)(name, value, replace);
}

VS_EXPORT int unsetenv(const char *name)
{
	vs_leave_sharing(VS_ENTRY_unsetenv, VS_CALLER_SP);
	return VS_REAL(unsetenv)(name);
}

VS_EXPORT int putenv(char *string)
{
	vs_leave_sharing(VS_ENTRY_putenv, VS_CALLER_SP);
	return VS_REAL(putenv)(string);
}

VS_EXPORT int clearenv(void)
{
	vs_leave_sharing(VS_ENTRY_clearenv, VS_CALLER_SP);
	return VS_REAL(clearenv)();
}

/* ---- ids ---- */

VS_EXPORT int setuid(uid_t id)
{
	vs_leave_sharing(VS_ENTRY_setuid, VS_CALLER_SP);
	return VS_REAL(setuid)(id);
}

VS_EXPORT int setgid(gid_t id)
{
	vs_leave_sharing(VS_ENTRY_setgid, VS_CALLER_SP);
	return VS_REAL(setgid)(id);
}

VS_EXPORT int seteuid(uid_t id)
{
	vs_leave_sharing(VS_ENTRY_seteuid, VS_CALLER_SP);
	return VS_REAL(seteuid)(id);
}

VS_EXPORT int setegid(gid_t id)
{
	vs_leave_sharing(VS_ENTRY_setegid, VS_CALLER_SP);
	return VS_REAL(setegid)(id);
}

VS_EXPORT int setreuid(uid_t real, uid_t effective)
{
	vs_leave_sharing(VS_ENTRY_setreuid, VS_CALLER_SP);
	return VS_REAL(setreuid)(real, effective);
}

VS_EXPORT int setregid(gid_t real, gid_t effective)
{
	vs_leave_sharing(VS_ENTRY_setregid, VS_CALLER_SP);
	return VS_REAL(setregid)(real, effective);
}

VS_EXPORT int setresuid(uid_t real, uid_t effective, uid_t saved)
{
	vs_leave_sharing(VS_ENTRY_setresuid, VS_CALLER_SP);
	return VS_REAL(setresuid)(real, effective, saved);
}

VS_EXPORT int setresgid(gid_t real, gid_t effective, gid_t saved)
{
	vs_leave_sharing(VS_ENTRY_setresgid, VS_CALLER_SP);
	return VS_REAL(setresgid)(real, effective, saved);
}

VS_EXPORT int setgroups(size_t n, const gid_t *list)
{
	vs_leave_sharing(VS_ENTRY_setgroups, VS_CALLER_SP);
	return VS_REAL(setgroups)(n, list);
}

VS_EXPORT int initgroups(const char *user, gid_t group)
{
	vs_leave_sharing(VS_ENTRY_initgroups, VS_CALLER_SP);
	return VS_REAL(initgroups)(user, group);
}
