/* SPDX-License-Identifier: MIT
 * See own_memory.h. */
#include "kernel/own_memory.h"

#include <errno.h>
#include <sched.h>

#include "base/compiler.h"
#include "kernel/sys.h"

static long owner VS_HOT; /* 0: not known yet */

void vs_memory_taken(void)
{
	owner = vs_sys(SYS_getpid);
}

bool vs_memory_is_own(void)
{
	return !owner || owner == vs_sys(SYS_getpid);
}

bool vs_memory_is_copied(void)
{
	enum { KCMP_VM = 1 }; /* linux/kcmp.h */
	long pid = vs_sys(SYS_getpid), of = owner;

	return of && of != pid && vs_sys(SYS_kcmp, of, pid, KCMP_VM, 0, 0) != 0;
}

/* Who is alone has nothing to part with; for others the kernel cannot do it
 * (check_unshare_flags() in kernel/fork.c). */
bool vs_memory_is_shared(void)
{
	return vs_sys(SYS_unshare, CLONE_VM) == -EINVAL;
}
