/* SPDX-License-Identifier: MIT
 *
 * A parent whose own state is unusual: signals, a timer's slack, a descriptor.
 */
#ifndef TEST_ODD_PARENT_H
#define TEST_ODD_PARENT_H

#include <sys/prctl.h>

#include "state.h"

static void block_two(void)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGSEGV);
	sigaddset(&set, SIGSYS);
	sigaddset(&set, SIGRTMIN + 3);
	sigprocmask(SIG_BLOCK, &set, NULL);
	sigdelset(&set, SIGSYS);
	sigprocmask(SIG_UNBLOCK, &set, NULL);
}

static void ignore_signals(void)
{
	for (int sig = 1; sig < NSIG; sig++)
		signal(sig, sig % 3 ? SIG_DFL : SIG_IGN);
	signal(SIGSEGV, SIG_IGN);
	signal(SIGSYS, SIG_IGN);
	signal(SIGPIPE, SIG_IGN);
}

static void handler(int sig UNUSED)
{
}

static void handle_signals(void)
{
	static char stack[16384];
	stack_t alternate = {.ss_sp = stack, .ss_size = sizeof(stack)};
	struct sigaction sa = {.sa_handler = handler, .sa_flags = SA_ONSTACK};

	sigaltstack(&alternate, NULL);
	for (int sig = 1; sig < NSIG; sig++)
		sigaction(sig, &sa, NULL);
}

/* The child prepares itself on top of that; a second one when its parent has
 * handlers, too. */
static void same_state_of_odd_parent(void (*prepare)(void))
{
	int fd = open("/etc/passwd", O_RDONLY);

	dup2(fd, 700);
	ignore_signals();
	block_two();
	prctl(PR_SET_TIMERSLACK, 60000);
	umask(0);
	same_state(prepare);
	handle_signals();
	same_state(prepare);
}

#endif
