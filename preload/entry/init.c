/* SPDX-License-Identifier: MIT
 *
 * Load and unload, and what is looked up before the first fork. Other
 * libraries' constructors run before ours and may call us already: nothing may
 * depend on this one but the settings, whose default is on. Every process that
 * inherits LD_PRELOAD pays for what is done at load.
 */
#include <stddef.h>
#include <unistd.h>

#include "audit/audit.h"
#include "entry/internal.h"
#include "entry/spawn/internal.h"
#include "kernel/own_memory.h"
#include "libc/facts.h"
#include "share/share.h"
#include "stats/life.h"
#include "stats/tell/log.h"
#include "txn/able/able.h"

/* The child of a native fork must look nothing up: another thread may hold the
 * loader's lock at the time of the fork, and then nobody ever releases it. Nor
 * must a new thread: its creator may have that lock, and wait for it. */
__attribute__((cold)) static void look_up(void)
{
	vs_facts_prepare();
	/* For where libc is, which this asks. */
	vs_interposed(VS_ENTRY_fork);
	if (vs_config.children)
		vs_env_prepare();
	if (vs_shell_ours())
		vs_shell_libc();
	vs_real_prepare();
}

void vs_prepare(void)
{
	static _Atomic bool done;

	if (vs_likely(done))
		return;
	look_up();
	done = true;
}

/* musl passes constructors no arguments; environ is set by now. */
__attribute__((constructor)) static void load(int argc, char **argv)
{
	(void)argc;
#ifdef __GLIBC__
	vs_config_arguments(argv);
#else
	(void)argv;
#endif
	vs_config_read(environ);
	vs_memory_taken();
	vs_txn_in_new_process(false);
	if (vs_config.fork_mode == VS_FORK_SHARE)
		vs_share_prepare();
	if (vs_config.reports)
		vs_stats_begin();
	if (vs_unlikely(vs_config.rules || vs_config.strict.how ||
			vs_config.log || vs_config.audit))
		vs_log_prepare();
	if (vs_unlikely(vs_config.audit != NULL))
		vs_audit_prepare();
}

__attribute__((destructor)) static void unload(void)
{
	if (vs_config.reports)
		vs_stats_print();
}
