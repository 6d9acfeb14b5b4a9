/* SPDX-License-Identifier: MIT
 *
 * Children of every kind, whatever is around: they get what they would get, and
 * leave nothing.
 */
#ifndef TEST_FORKS_WORK_H
#define TEST_FORKS_WORK_H

#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <sys/prctl.h>

#include "state.h"

#ifndef PR_SET_SYSCALL_USER_DISPATCH
#	define PR_SET_SYSCALL_USER_DISPATCH 59
#	define PR_SYS_DISPATCH_ON	     1
#endif

static const char *program;

static void execs(void)
{
	execl(program, "state", "exit", "4", NULL);
}

static void exits_directly(void)
{
	_exit(heap[123456] == heap_word(123456) ? 4 : 50);
}

static void vfork_works(void)
{
	pid_t pid = vfork();

	if (!pid) {
		execs();
		_exit(99);
	}
	exits_with(pid, 4);
}

static void forks_work(void)
{
	for (int n = 0; n < 3; n++) {
		both_exit(execs, 4);
		both_exit(exits_directly, 4);
		vfork_works();
		ck_assert(heap[123456] == heap_word(123456));
	}
	ck_assert_int_eq(waitpid(-1, NULL, WNOHANG | __WALL), -1);
}

#endif
