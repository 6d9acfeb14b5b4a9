/* SPDX-License-Identifier: MIT
 * A call of posix_spawn() as the spawn engine takes it, or why it does not. */
#include <errno.h>
#include <limits.h>
#include <pthread.h>

#include "entry/spawn/internal.h"
#include "rules/rules.h"
#include "txn/able/watched.h"
#include "txn/txn.h"

#if VS_ARCH_STUB

/* Arguments that the old version copies for the shell, on the caller's stack,
 * which may be a thread's of PTHREAD_STACK_MIN, and has the child's and an
 * element of PATH to hold as well. With more, the real one maps memory for
 * them. */
enum { SHELL_ARGS = 128 };

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
static enum vs_why_native prepare(struct vs_spawn *s,
				  const struct vs_spawn_call *c, int argc)
{
	const struct vs_file_actions *actions;

	if (vs_config.off || !vs_config.spawn || !vs_rules_allow_spawn(c->file))
		return VS_WHY_OFF;
	if (vs_spawn_is_unshared())
		return VS_WHY_NOT_SHARED;
	/* In a handler of fork(): all is blocked here, and SIGSYS ours. What
	 * libc does traps, and finds the program's mask. */
	if (vs_txn_under_way())
		return VS_WHY_NESTED;
	if (vs_interposed(c->entry) ||
	    vs_interposed(VS_ENTRY_posix_spawn_file_actions_addopen))
		return VS_WHY_INTERPOSED;
	if (c->how & VS_SPAWN_SHELL && argc > SHELL_ARGS)
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
	s->path = c->how & VS_SPAWN_SEARCH ? search_path() : NULL;
	s->want_pidfd = c->how & VS_SPAWN_PIDFD;
	s->told = c->result;
	s->handled = vs_txn_has_handled() != 0;
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
	const char *shell_argv[how & VS_SPAWN_SHELL ? argc + 3 : 1];
	char buffer[s->path ? vs_path_room(s->path) : 1];

	s->buffer = buffer;
	s->shell_argv = how & VS_SPAWN_SHELL ? shell_argv : NULL;
	return vs_spawn_start(s);
}

bool vs_spawn_by_engine(const struct vs_spawn_call *c, enum vs_why_native *why,
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
	pthread_setcancelstate(state, NULL);
	if (vs_likely(!vs_clone_refused(*result)) || s.error)
		return true;
	*why = VS_WHY_REFUSED;
	return false;
}

#else

bool vs_spawn_by_engine(const struct vs_spawn_call *c, enum vs_why_native *why,
			long *result)
{
	(void)c;
	(void)result;
	*why = VS_WHY_NO_STUB;
	return false;
}

#endif
