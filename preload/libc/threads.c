/* SPDX-License-Identifier: MIT
 * See threads.h. */
#include "libc/threads.h"

#include <sched.h>
#include <stddef.h>

#include "base/compiler.h"
#include "kernel/own_memory.h"
#include "kernel/proc/status.h"
#include "libc/real.h"

/* glibc clears what it points to before the second thread starts. */
static const char *single_threaded VS_HOT;

void vs_threads_prepare(void)
{
	single_threaded = vs_symbol("__libc_single_threaded");
}

static _Atomic bool shares VS_HOT;

/* Whoever has made one by vfork() sleeps until it shares nothing any more. */
void vs_cloned(uint64_t flags)
{
	if (flags & (CLONE_VM | CLONE_FILES) && !(flags & CLONE_VFORK))
		shares = true;
}

bool vs_told_single_threaded(void)
{
	return single_threaded && *single_threaded && !shares;
}

/* /proc knows of one thread in the child of vfork(), too, which has others'
 * memory. */
bool vs_single_threaded(void)
{
	if (vs_likely(single_threaded) || shares)
		return vs_told_single_threaded();
	return vs_memory_is_own() && vs_only_thread();
}
