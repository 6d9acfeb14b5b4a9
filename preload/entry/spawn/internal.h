/* SPDX-License-Identifier: MIT
 * Between the entry points that make use of the spawn engine. */
#ifndef VS_ENTRY_SPAWN_INTERNAL_H
#define VS_ENTRY_SPAWN_INTERNAL_H

#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

#include "entry/internal.h"
#include "spawn/spawn.h"

/* ---- file_actions.c ---- */

/* The same list in an object of the real libc, which the caller destroys with
 * the real function, whatever this returns: 0 or an errno. */
int vs_file_actions_translate(posix_spawn_file_actions_t *to,
			      const struct vs_file_actions *from);

/* ---- by_engine.c: posix_spawn() by the spawn engine ---- */

/* What a public function does beside what posix_spawn() does: looks for the
 * file in PATH; runs one of no known format with sh, as in glibc before 2.15;
 * returns a descriptor of the child. */
enum { VS_SPAWN_SEARCH = 1, VS_SPAWN_SHELL = 2, VS_SPAWN_PIDFD = 4 };

/* A public call. */
struct vs_spawn_call {
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

/* False, and why, if the engine does not take it. *result is the pid, or
 * -errno; the child's id or descriptor is where the caller wants it. */
bool vs_spawn_by_engine(const struct vs_spawn_call *call,
			enum vs_why_native *why, long *result);

/* A call of system() or popen(), which run a shell, has returned; an error is
 * -errno, if it is known. */
static inline void vs_shell_called(enum vs_entry entry, bool ours,
				   const char *command, uintptr_t caller,
				   uint64_t start, long result)
{
	char *const argv[] = {(char *)"sh", (char *)"-c", (char *)command,
			      NULL};

	if (vs_likely(!vs_config.reports))
		return;
	vs_stats_call(&(struct vs_call){
		.entry = entry,
		.caller = caller,
		.start = start,
		.result = result,
		.file = command ? "/bin/sh" : NULL,
		.argv = argv,
		.verdict = {.engine = ours ? VS_SPAWN : VS_NATIVE,
			    .why = ours ? VS_WHY_NONE : VS_WHY_LIBC}});
}

/* ---- shell.c: sh -c by the spawn engine, for system() and popen() ---- */

/* Neither the pid nor -errno: the engine cannot be used here. */
#define VS_SHELL_NOT (-4096L)

/* Whether system() and popen() are to be ours. libc's own are right where they
 * spawn, too (glibc since 2.29, musl); ours are for where they fork, and for an
 * environment that VSPAWN_CHILDREN edits. */
bool vs_shell_ours(void);

/* The pid, -errno, or VS_SHELL_NOT. Not a cancellation point. */
long vs_shell_spawn(const char *command, const struct vs_attr *attr,
		    const struct vs_action *actions, int used);

/* What else of libc's ours need: looked up at first use, or before a fork by
 * vs_prepare(). The two for cleanup are NULL if nobody can cancel. */
struct vs_shell_libc {
	__typeof__(&waitpid) waitpid;
	__typeof__(&read) read;
	__typeof__(&write) write;
	__typeof__(&fclose) fclose;
	void *fopencookie; /* or NULL */
	void (*cleanup_push)(void *buffer, void (*)(void *), void *);
	void (*cleanup_pop)(void *buffer, int run);
};

const struct vs_shell_libc *vs_shell_libc(void);

/* ---- popen_stream.c: the streams of our popen() ---- */

/* musl's own popen() spawns, and its streams are not to be had otherwise. */
#ifdef __GLIBC__
enum { VS_POPEN_OURS = true };
#else
enum { VS_POPEN_OURS = false };
#endif

/* A stream on our end of `pipe`, which it takes over, and sh -c `command` at
 * the other. NULL and errno if that fails; sets *here to false, with nothing
 * done, if it is for libc's popen() to do. */
FILE *vs_popen_start(const char *command, const int pipe[2], bool reads,
		     bool *here);

/* ---- in the child of a native fork ---- */

void vs_system_reset(void);
void vs_popen_reset(void);

#endif
