/* SPDX-License-Identifier: MIT
 * Syscall User Dispatch: see dispatch.h. */
#include <errno.h>
#include <stdatomic.h>
#include <stdint.h>

#include "base/dispatch.h"
#include "base/ksignal.h"
#include "port.h"

/* linux/prctl.h, for headers older than Linux 5.11 */
enum {
	SET_SYSCALL_USER_DISPATCH = 59,
	DISPATCH_OFF = 0,
	DISPATCH_ON = 1,
};

/* From the linker: this object, of which nothing but the text is executable:
 * from its ELF header to the end of its data. */
extern const char __ehdr_start[] __attribute__((visibility("hidden")));
extern const char _end[] __attribute__((visibility("hidden")));

static long dispatch_on(uintptr_t selector)
{
	return vs_sys(SYS_prctl, SET_SYSCALL_USER_DISPATCH, DISPATCH_ON,
		      __ehdr_start, _end - __ehdr_start, selector);
}

/* A kernel with Syscall User Dispatch says EFAULT to an address that no process
 * has, before anything is changed; one without it EINVAL. To a 64-bit kernel
 * any address of a 32-bit process is good: then it is on, for all but us, and
 * no signal handler may run before it is off again. */
static bool probe(void)
{
	vs_sigset all, old;
	long r;

	vs_sigset_fill(&all);
	vs_sys(SYS_rt_sigprocmask, SIG_SETMASK, &all, &old, VS_KSIGSET_SIZE);
	r = dispatch_on(UINTPTR_MAX);
	if (!r)
		vs_dispatch_off();
	vs_sys(SYS_rt_sigprocmask, SIG_SETMASK, &old, NULL, VS_KSIGSET_SIZE);
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
	return (int)dispatch_on(0);
}

void vs_dispatch_off(void)
{
	vs_sys(SYS_prctl, SET_SYSCALL_USER_DISPATCH, DISPATCH_OFF, 0, 0, 0);
}
