/* SPDX-License-Identifier: MIT
 * See dispatch.h. */
#include "kernel/dispatch.h"

#include <errno.h>
#include <stdatomic.h>

#include "base/image.h"
#include "kernel/ksignal.h"
#include "kernel/sigmask.h"

enum { DISPATCH_OFF = 0, DISPATCH_ON = 1 };

/* The kernel lets through what is called from the range it is given, and reads
 * the byte at `selector`, if there is one, for the rest. */
static long arm(uintptr_t selector)
{
	struct vs_range own = vs_image();

	return vs_sys(SYS_prctl, VS_PR_SET_SYSCALL_USER_DISPATCH, DISPATCH_ON,
		      own.lo, own.hi - own.lo, selector);
}

/* A kernel that has it says EFAULT to a selector that no process can have,
 * before it changes anything; one without it says EINVAL, and one where it is
 * switched off EPERM (kernel.syscall_user_dispatch, Linux 7.3). To a 64-bit
 * kernel any address of a 32-bit process is good: then it is on, for all but
 * us, and no signal handler may run before it is off again. */
static bool probe(void)
{
	vs_sigset old;
	long r;

	vs_block_all(&old);
	r = arm(UINTPTR_MAX);
	if (!r)
		vs_dispatch_off();
	vs_unblock(&old);
	return !r || r == -EFAULT;
}

bool vs_dispatch_usable(void)
{
	static _Atomic int known; /* 0: not asked yet, 1: no, 2: yes */
	int answer = atomic_load_explicit(&known, memory_order_relaxed);

	if (!answer) {
		answer = probe() ? 2 : 1;
		atomic_store_explicit(&known, answer, memory_order_relaxed);
	}
	return answer == 2;
}

int vs_dispatch_on(void)
{
	return (int)arm(0);
}

void vs_dispatch_off(void)
{
	vs_sys(SYS_prctl, VS_PR_SET_SYSCALL_USER_DISPATCH, DISPATCH_OFF, 0, 0,
	       0);
}
