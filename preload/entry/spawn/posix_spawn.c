/* SPDX-License-Identifier: MIT
 *
 * posix_spawn(), posix_spawnp() and, since glibc 2.39, pidfd_spawn(),
 * pidfd_spawnp(): whether the call is ours or the real one's. Two versions of
 * the former exist where glibc is older than 2.15: the old one runs a file of
 * no known format with /bin/sh.
 */

#include <dlfcn.h>
#include <errno.h>
#include <limits.h>
#include <pthread.h>
#include <stdatomic.h>

#include "entry/spawn/internal.h"
#include "rules/rules.h"

enum { SEARCH = 1, SHELL = 2, PIDFD = 4 };

/* Arguments that the old version copies for the shell, on the caller's stack.
 * With more, the real one maps memory for them. */
enum { SHELL_ARGS = 1024 };

/* A public call. */
struct call {
	enum vs_entry entry;
	int how;
	int *result;
	const char *file;
	const posix_spawn_file_actions_t *actions;
	const posix_spawnattr_t *attr;
	char *const *argv;
	char *const *envp;
	uintptr_t caller; /* return address */
};

#if VS_ARCH_STUB

/* confstr(_CS_PATH) of glibc since 2.24; before, the current directory came
 * first, which nobody wants back. */
static const char default_path[] = "/bin:/usr/bin";

/* PATH of this process, or what an unset one stands for. */
static const char *search_path(void)
{
	for (char **e = environ; e && *e; e++) {
		const char *value = vs_value_of(*e, "PATH");

		if (value)
			return value;
	}
	return default_path;
}

/* Fills in `s`, or says why the call is not for us. */
static enum vs_why_native prepare(struct vs_spawn *s, const struct call *c,
				  int argc)
{
	const struct vs_file_actions *actions;

	if (vs_config.off || !vs_config.spawn || !vs_rules_allow_spawn(c->file))
		return VS_WHY_OFF;
	if (vs_spawn_is_unshared())
		return VS_WHY_NOT_SHARED;
	if (vs_interposed(c->entry) ||
	    vs_interposed(VS_ENTRY_posix_spawn_file_actions_addopen))
		return VS_WHY_INTERPOSED;
	if (c->how & SHELL && argc > SHELL_ARGS)
		return VS_WHY_NO_RESOURCE;
	if (c->actions) {
		actions = vs_file_actions_of(c->actions);
		if (!actions)
			return VS_WHY_FOREIGN_ACTIONS;
		s->actions = actions->list;
		s->actions_used = actions->used;
	}
	s->file = c->file;
	s->argv = c->argv;
	s->envp = c->envp;
	s->path = c->how & SEARCH ? search_path() : NULL;
	s->want_pidfd = c->how & PIDFD;
	return vs_attr_read(&s->attr, c->attr);
}

/* One less than what the kernel takes, as in glibc. */
static int count(char *const *argv)
{
	int n = 0;

	while (argv[n]) {
		if (++n == INT_MAX - 2)
			return -E2BIG;
	}
	return n;
}

/* With the memory that the child needs beside its stack. */
static long start(struct vs_spawn *s, int how, int argc)
{
	const char *shell_argv[how & SHELL ? argc + 3 : 1];
	char buffer[s->path ? vs_path_room(s->path, s->file) + 1 : 1];

	s->buffer = buffer;
	s->shell_argv = how & SHELL ? shell_argv : NULL;
	return vs_spawn_start(s);
}

/* Returns whether the call was ours; *result is the pid or -errno. */
static bool try_spawn(const struct call *c, enum vs_why_native *why,
		      long *result)
{
	struct vs_spawn s = {0};
	int argc = count(c->argv), state;

	*result = argc;
	if (argc < 0)
		return true;
	*why = prepare(&s, c, argc);
	if (vs_unlikely(*why))
		return false;
	/* Asynchronous cancellation would leave the child behind. */
	pthread_setcancelstate(PTHREAD_CANCEL_DISABLE, &state);
	*result = start(&s, c->how, argc);
	if (*result > 0 && c->result)
		*c->result = s.want_pidfd ? s.pidfd : (int)*result;
	pthread_setcancelstate(state, NULL);
	if (vs_likely(!vs_clone_refused(*result)) || s.error)
		return true;
	*why = VS_WHY_REFUSED;
	return false;
}

#else

static bool try_spawn(const struct call *c, enum vs_why_native *why,
		      long *result)
{
	(void)c;
	(void)result;
	*why = VS_WHY_NO_STUB;
	return false;
}

#endif

/* ---- the others ---- */

typedef __typeof__(&posix_spawn) spawn_fn;

static spawn_fn real_function(const struct call *c)
{
#if defined(VS_GLIBC_OLD_SPAWN) && defined(__GLIBC__)
	static _Atomic(void *) old[2];
	_Atomic(void *) *slot = &old[!!(c->how & SEARCH)];

	if (c->how & SHELL && !vs_interposed(c->entry)) {
		if (!*slot)
			*slot = dlvsym(RTLD_NEXT,
				       c->how & SEARCH ? "posix_spawnp"
						       : "posix_spawn",
				       VS_GLIBC_OLD_SPAWN);
		if (*slot)
			return __extension__(spawn_fn) * slot;
	}
#endif
	return __extension__(spawn_fn) vs_real_lookup(c->entry);
}

/* Our own file actions have to be turned into the real libc's. */
static int call_real(const struct call *c)
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

static void report(const struct call *c, enum vs_why_native why, uint64_t start,
		   int error)
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
	if (!error && c->result && !(c->how & PIDFD))
		call.result = *c->result;
	vs_stats_call(&call);
}

static int enter(struct call *c)
{
	enum vs_why_native why = VS_WHY_NONE;
	char *room[vs_env_room(c->envp)];
	uint64_t began;
	int error, saved;
	long result;

	vs_true_child(c->entry);
	c->envp = vs_env_edit(c->envp, room);
	began = vs_stats_start();
	if (vs_likely(try_spawn(c, &why, &result))) {
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
		return enter(&(struct call){                                  \
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
PUBLIC(vs_spawn_old, VS_ENTRY_posix_spawn, SHELL)
PUBLIC(vs_spawnp_new, VS_ENTRY_posix_spawnp, SEARCH)
PUBLIC(vs_spawnp_old, VS_ENTRY_posix_spawnp, SEARCH | SHELL)
VERSION(vs_spawn_new, "posix_spawn@@GLIBC_2.15");
VERSION(vs_spawn_old, "posix_spawn@" VS_GLIBC_OLD_SPAWN);
VERSION(vs_spawnp_new, "posix_spawnp@@GLIBC_2.15");
VERSION(vs_spawnp_old, "posix_spawnp@" VS_GLIBC_OLD_SPAWN);
#else
PUBLIC(posix_spawn, VS_ENTRY_posix_spawn, 0)
PUBLIC(posix_spawnp, VS_ENTRY_posix_spawnp, SEARCH)
#endif

PUBLIC(pidfd_spawn, VS_ENTRY_pidfd_spawn, PIDFD)
PUBLIC(pidfd_spawnp, VS_ENTRY_pidfd_spawnp, SEARCH | PIDFD)
