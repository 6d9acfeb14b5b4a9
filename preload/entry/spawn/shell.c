/* SPDX-License-Identifier: MIT
 * sh -c by the spawn engine, for system() and popen(). */
#include <errno.h>
#include <pthread.h>
#include <spawn.h>
#include <stdatomic.h>
#include <string.h>
#include <unistd.h>

#include "entry/spawn/internal.h"
#include "rules/rules.h"
#include "libc/facts.h"
#include "txn/able/watched.h"
#include "txn/txn.h"

bool vs_shell_ours(void)
{
#ifdef VS_FORCE_OWN_SYSTEM
	return true;
#else
	return vs_config.children || vs_libc_shell_forks();
#endif
}

/* A function as the type that `to` has. POSIX has dlsym() give them so. */
#define SET(to, found) ((to) = __extension__(__typeof__(to))(found))

const struct vs_shell_libc *vs_shell_libc(void)
{
	static struct vs_shell_libc libc;
	static _Atomic bool looked;
	int saved = errno;

	if (looked)
		return &libc;
	SET(libc.waitpid, vs_next_symbol("waitpid"));
	SET(libc.read, vs_next_symbol("read"));
	SET(libc.write, vs_next_symbol("write"));
	SET(libc.fclose, vs_next_symbol("fclose"));
	SET(libc.fopencookie, vs_next_symbol("fopencookie"));
	/* pthread_cleanup_push() is a macro whose functions old libraries have
	 * in libpthread alone, which we must not need: without it nobody
	 * cancels. These two have been there from the start. They link in a
	 * buffer of at most four words. */
	SET(libc.cleanup_push, vs_symbol("_pthread_cleanup_push"));
	SET(libc.cleanup_pop, vs_symbol("_pthread_cleanup_pop"));
	/* A program may load libpthread later. */
	looked = libc.cleanup_push && libc.cleanup_pop;
	errno = saved;
	return &libc;
}

#if VS_ARCH_STUB

static long by_engine(struct vs_spawn *s)
{
	int state;
	long r;

	if (!vs_config.spawn || vs_spawn_is_unshared() || vs_txn_under_way() ||
	    !vs_rules_allow_spawn("/bin/sh"))
		return VS_SHELL_NOT;
	pthread_setcancelstate(PTHREAD_CANCEL_DISABLE, &state);
	r = vs_spawn_start(s);
	pthread_setcancelstate(state, NULL);
	return vs_clone_refused(r) && !s->error ? VS_SHELL_NOT : r;
}

#else

static long by_engine(struct vs_spawn *s)
{
	(void)s;
	return VS_SHELL_NOT;
}

#endif

/* The real posix_spawn(), without our environment: libc's system() and popen()
 * would not pass on another. */
static long by_libc(const struct vs_spawn *s)
{
	const struct vs_file_actions list = {
		.used = s->actions_used,
		.list = (struct vs_action *)s->actions,
	};
	posix_spawn_file_actions_t actions;
	posix_spawnattr_t attr;
	sigset_t set;
	pid_t pid;
	int error;

	error = vs_file_actions_translate(&actions, &list);
	posix_spawnattr_init(&attr);
	posix_spawnattr_setflags(&attr, (short)s->attr.flags);
	sigemptyset(&set);
	memcpy(&set, &s->attr.defaults, sizeof(s->attr.defaults));
	posix_spawnattr_setsigdefault(&attr, &set);
	memcpy(&set, &s->attr.mask, sizeof(s->attr.mask));
	posix_spawnattr_setsigmask(&attr, &set);
	if (!error)
		error = VS_REAL(posix_spawn)(&pid, s->file, &actions, &attr,
					     s->argv, s->envp);
	posix_spawnattr_destroy(&attr);
	VS_REAL(posix_spawn_file_actions_destroy)(&actions);
	return error ? -error : pid;
}

long vs_shell_spawn(const char *command, const struct vs_attr *attr,
		    const struct vs_action *actions, int used)
{
	/* Since 2.38 no command is taken for an option. */
	bool dashes = vs_glibc_minor() >= 38;
	const char *const argv[] = {"sh", "-c", dashes ? "--" : command,
				    dashes ? command : NULL, NULL};
	char *room[vs_env_room(environ)];
	struct vs_spawn s = {
		.file = "/bin/sh",
		.argv = (char *const *)argv,
		.envp = vs_env_edit(environ, room),
		.attr = *attr,
		.actions = actions,
		.actions_used = used,
		.handled = vs_txn_has_handled() != 0,
	};
	long r;

	s.attr.ignore_own = !vs_libc_shell_forks() && vs_libc_ignores_own();
	r = vs_config.off ? VS_SHELL_NOT : by_engine(&s);
	return r == VS_SHELL_NOT && vs_config.children ? by_libc(&s) : r;
}
