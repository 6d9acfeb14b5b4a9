/* SPDX-License-Identifier: MIT
 * The ways to fork: by which function, on which stack, in which thread. */
#include <pthread.h>
#include <sys/syscall.h>

#include "fuzz.h"
#include "world.h"

struct round round_now;

static __attribute__((noinline)) void fork_here(void)
{
	pid_t pid;

	switch (round_now.how % 8) {
	case 0:
		pid = _Fork();
		break;
	case 1:
		pid = model.clean ? vfork() : (pid_t)syscall(SYS_fork);
		break;
	default:
		pid = fork();
	}
	if (!pid)
		run_child(round_now.seed, round_now.phase);
	round_now.pid = pid;
	round_now.error = errno;
}

static void in_handler(int sig)
{
	(void)sig;
	fork_here();
}

static void *in_thread(void *arg)
{
	char room[STACK_ROOM] __attribute__((aligned(PAGE)));
	char *before = stack_room;
	siginfo_t info;

	memset(room, 5, sizeof(room));
	stack_room = room;
	fork_here();
	stack_room = before;
	/* PR_SET_PDEATHSIG is about the thread. */
	if (round_now.pid > 0)
		waitid(P_PID, (id_t)round_now.pid, &info, WEXITED | WNOWAIT);
	return arg;
}

static void by_handler(bool alternate)
{
	struct sigaction act = {.sa_handler = in_handler,
				.sa_flags = alternate ? SA_ONSTACK : 0},
			 old;
	stack_t stack = {0}, old_stack;
	uint64_t bit = 1UL << (SIGUSR2 - 1), mask, pending;

	/* One that waits already would make a second child. */
	vs_sys(SYS_rt_sigpending, &pending, 8);
	if (pending & bit) {
		fork_here();
		return;
	}
	/* In memory that the child does not copy, but for the part in use. */
	stack.ss_sp = alternate_stack(&stack.ss_size);
	if (alternate)
		sigaltstack(&stack, &old_stack);
	sigfillset(&act.sa_mask);
	sigaction(SIGUSR2, &act, &old);
	vs_sys(SYS_rt_sigprocmask, SIG_UNBLOCK, &bit, &mask, 8);
	vs_sys(SYS_tgkill, getpid(), vs_sys(SYS_gettid), SIGUSR2);
	vs_sys(SYS_rt_sigprocmask, SIG_SETMASK, &mask, NULL, 8);
	sigaction(SIGUSR2, &old, NULL);
	if (alternate)
		sigaltstack(&old_stack, NULL);
}

/* What the child may have changed in memory that it shares is put back. */
void make_child(struct rng *r, bool plain)
{
	static struct model before;
	struct log *log = current;
	unsigned context = plain ? 9 : below(r, 10);
	pthread_t thread;

	before = model;
	errno = 77;
	round_now.pid = -2;
	round_now.how = plain || model.threads ? 7 : (unsigned)next(r);
	if (context <= 1 && !model.clean)
		by_handler(context == 1);
	else if (context == 2 &&
		 !pthread_create(&thread, NULL, in_thread, NULL))
		pthread_join(thread, NULL);
	else
		fork_here();
	current = log;
	model = before;
	clean_up();
	say("fork in context %u by way %u error %d", context, round_now.how % 8,
	    round_now.error);
}
