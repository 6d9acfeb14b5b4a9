/* SPDX-License-Identifier: MIT
 * See aside.h. */
#include "kernel/task/aside.h"

#include <errno.h>
#include <stdbool.h>
#include <sys/wait.h>

#include "base/compiler.h"
#include "kernel/ksignal.h"
#include "kernel/lock.h"
#include "kernel/sigmask.h"
#include "kernel/task/hidden_usage.h"

#if VS_ARCH_STUB

enum { STACK = 16 << 10 };

static vs_lock lock VS_HOT;
static VS_THREAD long aside_of;

/* The thread that execs, or 0: until that has failed, or the thread does
 * something else, for a signal's handler may have left it by longjmp(). */
static _Atomic long only VS_HOT;
static char stack[STACK] VS_BIG __attribute__((aligned(16)));

struct work {
	void (*fn)(void *);
	void *arg;
	bool done;
};

/* The caller may be in a handler on its alternate stack; one here must not come
 * upon it. */
static void leave_caller_stack(void)
{
	static const stack_t none = {.ss_flags = SS_DISABLE};

	vs_sys(SYS_sigaltstack, &none, NULL);
}

static _Noreturn void do_work(struct work *work)
{
	work->fn(work->arg);
	work->done = true;
	for (;;)
		vs_sys(SYS_exit, 0);
}

static void run(void *arg)
{
	leave_caller_stack();
	do_work(arg);
}

static void on_fault(int sig, siginfo_t *info, void *context)
{
	(void)sig;
	(void)info;
	(void)context;
	for (;;)
		vs_sys(SYS_exit, 0);
}

/* The kernel kills, with all who have this memory, who has such a signal
 * blocked or not handled. SIGSYS has the handler of a transaction's parent,
 * which wants the alternate stack, where that sleeps. */
static void run_reader(void *arg)
{
	static const int ends[] = {SIGSEGV, SIGBUS, SIGSYS};
	struct vs_ksigaction end;
	vs_sigset set = {0};

	leave_caller_stack();
	vs_ksigaction_set(&end, on_fault, SA_SIGINFO);
	for (unsigned i = 0; i < VS_COUNT(ends); i++) {
		vs_sigaction(ends[i], &end, NULL);
		vs_sigset_add(&set, ends[i]);
	}
	vs_sys(SYS_rt_sigprocmask, SIG_UNBLOCK, &set, NULL, VS_KSIGSET_SIZE);
	do_work(arg);
}

/* The working directory is shared, which saves copying it, and the actions of
 * signals are not. The caller sleeps until the task is off its stack. Not a
 * thread: other threads would see one more, in /proc/self/task and status. */
enum { FLAGS = CLONE_VM | CLONE_VFORK | CLONE_FS };

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

/* With signals blocked. No handler may run there, with the caller's
 * thread-local data, but for SIGSYS: where a filter of the program's traps a
 * call, the kernel kills who has that blocked, and takes the handler away.
 *
 * The caller may itself be a child that shares this memory, of which other
 * threads must not know: nobody else can reap its task, and when it ends the
 * kernel would give that to the program as a child with SIGCHLD. */
static long start(unsigned long flags, void (*task)(void *), struct work *work)
{
	long id = -EBUSY;

	vs_lock_take(&lock);
	aside_of = vs_sys(SYS_gettid);
	if (vs_unlikely(only == aside_of))
		only = 0;
	if (vs_likely(!only))
		id = vs_clone(flags, stack + STACK, task, work);
	aside_of = 0;
	if (id > 0)
		reap(id);
	vs_lock_drop(&lock);
	if (id < 0)
		return id;
	return *(volatile bool *)&work->done ? 0 : -ECHILD;
}

long vs_aside(void (*fn)(void *), void *arg)
{
	struct work work = {.fn = fn, .arg = arg};
	vs_sigset old;
	long r;

	vs_block_most(&old);
	r = start(FLAGS, run, &work);
	vs_unblock(&old);
	return r;
}

/* SIGSYS, too, until the task handles it: by now it is known that no filter
 * traps what is called meanwhile. */
long vs_aside_reading(void (*fn)(void *), void *arg)
{
	struct work work = {.fn = fn, .arg = arg};
	vs_sigset old;
	long r;

	vs_block_all(&old);
	r = start(FLAGS | CLONE_FILES, run_reader, &work);
	vs_unblock(&old);
	return r;
}

long vs_aside_of(void)
{
	return aside_of;
}

void vs_aside_stop(void)
{
	vs_sigset mask;

	vs_block_all(&mask);
	vs_lock_take(&lock);
	only = vs_sys(SYS_gettid);
	vs_lock_drop(&lock);
	vs_unblock(&mask);
}

void vs_aside_go_on(void)
{
	only = 0;
}

void vs_aside_reset(void)
{
	vs_lock_reset(&lock);
	only = 0;
}

#else

void vs_aside_stop(void)
{
}

void vs_aside_go_on(void)
{
}

long vs_aside_of(void)
{
	return 0;
}

long vs_aside(void (*fn)(void *), void *arg)
{
	(void)fn;
	(void)arg;
	return -ENOSYS;
}

long vs_aside_reading(void (*fn)(void *), void *arg)
{
	return vs_aside(fn, arg);
}

void vs_aside_reset(void)
{
}

#endif
