/* SPDX-License-Identifier: MIT
 * vfork(): the stub in arch/ does it; here is what it asks first. */
#include <unistd.h>

#include "entry/internal.h"
#include "memory/queue.h"
#include "port.h"
#include "rules/rules.h"
#include "stats/stats.h"
#include "txn/txn.h"

#if VS_ARCH_STUB

/* Called by the stub. NULL: go on; else leave to this vfork. */
vs_function vs_vfork_enter(void);

static enum vs_why_native why_native(void)
{
	if (vs_config.off || !vs_config.spawn || !vs_rules_allow_spawn(NULL))
		return VS_WHY_OFF;
	if (vs_interposed(VS_ENTRY_vfork))
		return VS_WHY_INTERPOSED;
	/* In a handler of fork(), where libc's traps: see by_engine.c. The
	 * thread pointer may be the program's own, so that is asked last. */
	if (vs_unlikely(vs_queue_is_busy()) && vs_txn_under_way())
		return VS_WHY_NESTED;
	return vs_vfork_by_libc() ? VS_WHY_LIBC : VS_WHY_NONE;
}

vs_function vs_vfork_enter(void)
{
	enum vs_why_native why;

	vs_true_child(VS_ENTRY_vfork);
	why = why_native();
	if (why == VS_WHY_NONE) {
		vs_stats_spawned(VS_ENTRY_vfork, 0);
		return NULL;
	}
	vs_stats_native(VS_ENTRY_vfork, why, 0, 0);
	return vs_real_lookup(VS_ENTRY_vfork);
}

#endif
