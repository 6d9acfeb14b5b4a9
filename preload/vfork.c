/* SPDX-License-Identifier: MIT
 * vfork(): the stub in arch/ does it; here is what it asks first. */
#include <unistd.h>

#include "port.h"
#include "vspawn.h"

#if VS_ARCH_STUB

/* Called by the stub. NULL: go on; else leave to this vfork. */
vs_function vs_vfork_enter(void);

vs_function vs_vfork_enter(void)
{
	vs_true_child(VS_ENTRY_vfork);
	if (vs_config.off || !vs_config.spawn) {
		vs_stats_call(VS_ENTRY_vfork, VS_NATIVE, VS_WHY_OFF, 0);
		return vs_real_lookup(VS_ENTRY_vfork);
	}
	if (vs_vfork_by_libc()) {
		vs_stats_call(VS_ENTRY_vfork, VS_NATIVE, VS_WHY_LIBC, 0);
		return vs_real_lookup(VS_ENTRY_vfork);
	}
	vs_stats_call(VS_ENTRY_vfork, VS_SPAWN, VS_WHY_NONE, 0);
	return NULL;
}

#endif
