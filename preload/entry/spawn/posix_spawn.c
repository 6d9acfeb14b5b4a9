/* SPDX-License-Identifier: MIT
 *
 * posix_spawn(), posix_spawnp() and, since glibc 2.39, pidfd_spawn(),
 * pidfd_spawnp(): by the engine, or by the real function. Two versions of the
 * former exist where glibc is older than 2.15: the old one runs a file of no
 * known format with /bin/sh.
 */
#include <dlfcn.h>
#include <errno.h>
#include <stdatomic.h>

#include "entry/spawn/internal.h"

typedef __typeof__(&posix_spawn) spawn_fn;

static spawn_fn real_function(const struct vs_spawn_call *c)
{
#if defined(VS_GLIBC_OLD_SPAWN) && defined(__GLIBC__)
	static _Atomic(void *) old[2];
	_Atomic(void *) *slot = &old[!!(c->how & VS_SPAWN_SEARCH)];

	if (c->how & VS_SPAWN_SHELL && !vs_interposed(c->entry)) {
		if (!*slot)
			*slot = dlvsym(RTLD_NEXT,
				       c->how & VS_SPAWN_SEARCH ? "posix_spawnp"
								: "posix_spawn",
				       VS_GLIBC_OLD_SPAWN);
		if (*slot)
			return __extension__(spawn_fn) * slot;
	}
#endif
	return __extension__(spawn_fn) vs_real_lookup(c->entry);
}

/* Our own file actions have to be turned into the real libc's. */
static int call_real(const struct vs_spawn_call *c)
{
	spawn_fn real = real_function(c);
	const struct vs_file_actions *ours = NULL;
	posix_spawn_file_actions_t object;
	int error;

	if (!real)
		return ENOSYS;
	if (c->actions)
		ours = vs_file_actions_of(c->actions);
	if (!ours)
		return real(c->result, c->file, c->actions, c->attr, c->argv,
			    c->envp);
	error = vs_file_actions_translate(&object, ours);
	if (!error)
		error = real(c->result, c->file, &object, c->attr, c->argv,
			     c->envp);
	VS_REAL(posix_spawn_file_actions_destroy)(&object);
	return error;
}

static void report(const struct vs_spawn_call *c, enum vs_why_native why,
		   uint64_t start, int error)
{
	struct vs_call call = {.entry = c->entry,
			       .caller = c->caller,
			       .start = start,
			       .result = -error,
			       .file = c->file,
			       .argv = c->argv};

	if (why != VS_WHY_NONE) {
		call.verdict.engine = VS_NATIVE;
		call.verdict.why = why;
	}
	if (!error && c->result && !(c->how & VS_SPAWN_PIDFD))
		call.result = *c->result;
	vs_stats_call(&call);
}

static int enter(struct vs_spawn_call *c)
{
	enum vs_why_native why = VS_WHY_NONE;
	char *room[vs_env_room(c->envp)];
	uint64_t began;
	int error, saved;
	long result;

	vs_true_child(c->entry);
	c->envp = vs_env_edit(c->envp, room);
	began = vs_stats_start();
	if (vs_likely(vs_spawn_by_engine(c, &why, &result))) {
		error = result < 0 ? (int)-result : 0;
		if (vs_unlikely(vs_config.reports))
			report(c, VS_WHY_NONE, began, error);
		return error;
	}
	saved = errno;
	error = call_real(c);
	errno = saved;
	if (vs_unlikely(vs_config.reports))
		report(c, why, began, error);
	return error;
}

#define PUBLIC(function, entry_, how_)                                        \
	VS_EXPORT int function(pid_t *restrict, const char *restrict,         \
			       const posix_spawn_file_actions_t *restrict,    \
			       const posix_spawnattr_t *restrict,             \
			       char *const[restrict], char *const[restrict]); \
	VS_EXPORT int function(                                               \
		pid_t *restrict pid, const char *restrict file,               \
		const posix_spawn_file_actions_t *restrict actions,           \
		const posix_spawnattr_t *restrict attr,                       \
		char *const argv[restrict], char *const envp[restrict])       \
	{                                                                     \
		return enter(&(struct vs_spawn_call){                         \
			entry_, how_, pid, file, actions, attr, argv, envp,   \
			(uintptr_t)__builtin_return_address(0)});             \
	}

#ifdef VS_GLIBC_OLD_SPAWN
/* The directive for the assembler, which link-time optimisation by gcc puts
 * into another file than the function; gcc has an attribute since version 10.
 */
#	if defined(__has_attribute) && __has_attribute(symver)
#		define VERSION(function, version)           \
			extern __typeof__(function) function \
				__attribute__((symver(version)))
#	else
#		define VERSION(function, version) \
			__asm__(".symver " #function ", " version)
#	endif

/* The version script hides the names that begin with vs_. */
PUBLIC(vs_spawn_new, VS_ENTRY_posix_spawn, 0)
PUBLIC(vs_spawn_old, VS_ENTRY_posix_spawn, VS_SPAWN_SHELL)
PUBLIC(vs_spawnp_new, VS_ENTRY_posix_spawnp, VS_SPAWN_SEARCH)
PUBLIC(vs_spawnp_old, VS_ENTRY_posix_spawnp, VS_SPAWN_SEARCH | VS_SPAWN_SHELL)
VERSION(vs_spawn_new, "posix_spawn@@GLIBC_2.15");
VERSION(vs_spawn_old, "posix_spawn@" VS_GLIBC_OLD_SPAWN);
VERSION(vs_spawnp_new, "posix_spawnp@@GLIBC_2.15");
VERSION(vs_spawnp_old, "posix_spawnp@" VS_GLIBC_OLD_SPAWN);
#else
PUBLIC(posix_spawn, VS_ENTRY_posix_spawn, 0)
PUBLIC(posix_spawnp, VS_ENTRY_posix_spawnp, VS_SPAWN_SEARCH)
#endif

PUBLIC(pidfd_spawn, VS_ENTRY_pidfd_spawn, VS_SPAWN_PIDFD)
PUBLIC(pidfd_spawnp, VS_ENTRY_pidfd_spawnp, VS_SPAWN_SEARCH | VS_SPAWN_PIDFD)
