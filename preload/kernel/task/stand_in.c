/* SPDX-License-Identifier: MIT
 * See stand_in.h. Raw system calls only. */
#include "kernel/task/stand_in.h"

#include <errno.h>
#include <stddef.h>
#include <sys/resource.h>
#include <sys/wait.h>

#include "kernel/ksignal.h"

#if VS_ARCH_STUB

/* RLIMIT_CORE 1 also keeps a core_pattern that is a pipe from running. */
static void no_core(void)
{
	struct rlimit core;

	if (vs_sys(SYS_prlimit64, 0, RLIMIT_CORE, NULL, &core))
		return;
	core.rlim_cur = core.rlim_max > 0;
	vs_sys(SYS_prlimit64, 0, RLIMIT_CORE, &core, NULL);
}

/* The child's life. It has its own table of handlers. */
static void die_alike(void *arg)
{
	static const struct vs_ksigaction dfl;
	int status = *(const int *)arg;
	uint64_t mask;

	if (WIFSIGNALED(status)) {
		mask = ~VS_SIGBIT(WTERMSIG(status));
		no_core();
		vs_sigaction(WTERMSIG(status), &dfl, NULL);
		vs_sys(SYS_kill, vs_sys(SYS_getpid), WTERMSIG(status));
		vs_sys(SYS_rt_sigprocmask, SIG_SETMASK, &mask, NULL,
		       VS_KSIGSET_SIZE);
	}
	for (;;)
		vs_sys(SYS_exit_group, WEXITSTATUS(status));
}

long vs_stand_in(int status)
{
	enum { STACK = 2048 };
	char stack[STACK] __attribute__((aligned(16)));

	return vs_clone(CLONE_VM | CLONE_VFORK | SIGCHLD, stack + STACK,
			die_alike, &status);
}

#else

long vs_stand_in(int status)
{
	(void)status;
	return -ENOSYS;
}

#endif
