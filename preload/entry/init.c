/* SPDX-License-Identifier: MIT
 * Load and unload. Other libraries' constructors run before ours and may call
 * us already: nothing may depend on this one but the settings, whose default
 * is on, and everything else is looked up on first use. Every process that
 * inherits LD_PRELOAD pays for what is done here. */
#include <unistd.h>

#include "txn/txn.h"
#include "base/vspawn.h"

__attribute__((constructor)) static void load(void)
{
	/* musl passes constructors no arguments; environ is set by now. */
	vs_config_read(environ);
	vs_txn_able_new_process();
}

__attribute__((destructor)) static void unload(void)
{
	if (vs_config.stats)
		vs_stats_print();
}
