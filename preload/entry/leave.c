/* SPDX-License-Identifier: MIT
 * The ways out of a provisional child, other than exec. */
#include <stddef.h>

#include "entry/internal.h"
#include "port.h"
#include "share/share.h"
#include "txn/child/child.h"

void vs_leave(enum vs_entry entry)
{
	bool ends = entry == VS_ENTRY_exit || entry == VS_ENTRY_abort;

	if (vs_speculative)
		vs_child_rollback(VS_UNDONE_SYSCALL,
				  ends ? SYS_exit_group : SYS_clone);
	vs_share_become_true_child();
}

__attribute__((cold, noinline)) static void leave_sharing(enum vs_entry entry,
							  uintptr_t caller_sp)
{
	vs_share_report(caller_sp);
	vs_leave(entry);
}

void vs_leave_sharing(enum vs_entry entry, uintptr_t caller_sp)
{
	if (vs_is_sharing())
		leave_sharing(entry, caller_sp);
}
