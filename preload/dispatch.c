/* SPDX-License-Identifier: MIT
 * Syscall User Dispatch: see dispatch.h. */
#include <errno.h>
#include <stdatomic.h>
#include <stdint.h>

#include "dispatch.h"
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

/* An address that no process has: a kernel with Syscall User Dispatch says
 * EFAULT, one without it EINVAL, before anything is changed. */
static bool probe(void)
{
	return vs_sys(SYS_prctl, SET_SYSCALL_USER_DISPATCH, DISPATCH_ON, 0, 0,
		      UINTPTR_MAX) == -EFAULT;
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
	return (int)vs_sys(SYS_prctl, SET_SYSCALL_USER_DISPATCH, DISPATCH_ON,
			   __ehdr_start, _end - __ehdr_start, 0);
}

void vs_dispatch_off(void)
{
	vs_sys(SYS_prctl, SET_SYSCALL_USER_DISPATCH, DISPATCH_OFF, 0, 0, 0);
}
