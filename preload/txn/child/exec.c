/* SPDX-License-Identifier: MIT
 * execve() and execveat(): the end of the transaction, if they succeed. */
#include <stdatomic.h>

#include "txn/child/internal.h"

/* Dispatch and the time limits stay on: a failed exec comes back to them. */
long vs_exec_call(long nr, long args[6])
{
	bool at = nr == SYS_execveat;
	long r;

	vs_mem_fd_want_path(nr, (const char *)args[at]);
	vs_pages_want_strings((char *const *)args[at + 1]);
	vs_pages_want_strings((char *const *)args[at + 2]);
	vs_signals_before_exec();
	atomic_store(&vs_txn.page->phase, VS_TXN_EXEC);
	vs_watchdog_exec_begins();
	r = vs_sys(nr, at ? vs_mem_fd_hide(args[0]) : args[0], args[1], args[2],
		   args[3], args[4]);
	vs_watchdog_exec_failed();
	vs_signals_after_exec();
	atomic_store(&vs_txn.page->phase, VS_TXN_RUN);
	return r;
}
