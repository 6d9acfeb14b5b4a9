/* SPDX-License-Identifier: MIT
 * See aside.h. */
#include "kernel/aside.h"

#include <errno.h>
#include <stdbool.h>
#include <sys/wait.h>

#include "base/compiler.h"
#include "kernel/hidden_usage.h"
#include "kernel/lock.h"
#include "kernel/sigset.h"

#if VS_ARCH_STUB

enum { STACK = 16 << 10 };

static vs_lock lock;
static VS_THREAD bool aside;
static long unreaped; /* a pid, or 0 */
static char stack[STACK] VS_BIG __attribute__((aligned(16)));

struct work {
	void (*fn)(void *);
	void *arg;
	bool done;
};

/* The caller may be in a handler on its alternate stack; one here must not come
 * upon it. */
static void run(void *arg)
{
	static const stack_t none = {.ss_flags = SS_DISABLE};
	struct work *work = arg;

	vs_sys(SYS_sigaltstack, &none, NULL);
	work->fn(work->arg);
	work->done = true;
	for (;;)
		vs_sys(SYS_exit, 0);
}

static void reap(long pid)
{
	struct rusage usage;
	long r;

	do
		r = vs_sys(SYS_wait4, pid, NULL, __WCLONE, &usage);
	while (r == -EINTR);
	if (r == pid)
		vs_hidden_usage_add(&usage);
}

static void reap_last(void)
{
	if (unreaped)
		reap(unreaped);
	unreaped = 0;
}

void vs_aside_reap(void)
{
	vs_sigset old;

	vs_block_all(&old);
	vs_lock_take(&lock);
	reap_last();
	vs_lock_drop(&lock);
	vs_unblock(&old);
}

/* Without CLONE_FILES: the table is copied. The working directory is shared,
 * which saves copying it. No handler may run there, with the caller's thread-
 * local data, but for SIGSYS: where a filter of the program's traps a call, the
 * kernel kills who has that blocked, and takes the handler away.
 *
 * The caller may itself be a child that shares this memory. A task of its own
 * it has to reap before the lock is dropped: nobody else can, and when it ends
 * the kernel would give that to the program as a child with SIGCHLD. */
static long run_aside(void (*fn)(void *), void *arg, bool reaped)
{
	struct work work = {.fn = fn, .arg = arg};
	vs_sigset most, old;
	long pid;

	vs_sigset_fill(&most);
	vs_sigset_remove(&most, SIGSYS);
	vs_sys(SYS_rt_sigprocmask, SIG_BLOCK, &most, &old, VS_KSIGSET_SIZE);
	vs_lock_take(&lock);
	if (!reaped)
		reap_last();
	aside = true;
	pid = vs_clone(CLONE_VM | CLONE_VFORK | CLONE_FS, stack + STACK, run,
		       &work);
	aside = false;
	if (pid > 0 && reaped)
		reap(pid);
	else if (pid > 0)
		unreaped = pid;
	vs_lock_drop(&lock);
	vs_unblock(&old);
	if (pid < 0)
		return pid;
	return *(volatile bool *)&work.done ? 0 : -ECHILD;
}

long vs_aside_unreaped(void (*fn)(void *), void *arg)
{
	return run_aside(fn, arg, false);
}

long vs_aside(void (*fn)(void *), void *arg)
{
	return run_aside(fn, arg, true);
}

bool vs_is_aside(void)
{
	return aside;
}

void vs_aside_reset(void)
{
	lock = 0;
	unreaped = 0;
}

#else

long vs_aside_unreaped(void (*fn)(void *), void *arg)
{
	return vs_aside(fn, arg);
}

void vs_aside_reap(void)
{
}

bool vs_is_aside(void)
{
	return false;
}

long vs_aside(void (*fn)(void *), void *arg)
{
	(void)fn;
	(void)arg;
	return -ENOSYS;
}

void vs_aside_reset(void)
{
}

#endif
