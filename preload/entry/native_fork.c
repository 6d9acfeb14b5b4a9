/* SPDX-License-Identifier: MIT
 * Native forks: libc's own, made with the gate around them. */
#include "audit/audit.h"
#include "entry/internal.h"
#include "entry/spawn/internal.h"
#include "kernel/own_memory.h"
#include "kernel/sigmask.h"
#include "kernel/task/aside.h"
#include "kernel/task/hidden_usage.h"
#include "libc/module.h"
#include "memory/app_marks.h"
#include "memory/queue.h"
#include "rules/rules.h"
#include "share/share.h"
#include "stats/life.h"
#include "stats/tell/log.h"
#include "txn/txn.h"

void vs_in_native_child(void)
{
	vs_memory_taken();
	vs_aside_reset();
	vs_hidden_usage_reset();
	vs_gate_reset();
	vs_queue_reset();
	vs_module_reset();
	vs_stats_reset();
	vs_log_reset();
	vs_rules_reset();
	vs_audit_reset();
	vs_app_marks_reset();
	vs_share_reset();
	vs_system_reset();
	vs_popen_reset();
	vs_txn_in_native_child();
}

void vs_native_fork_begins(uintptr_t caller_sp)
{
	vs_gate_recover(caller_sp);
	vs_gate_enter_native();
}

void vs_native_fork_ends(long result)
{
	if (result == 0)
		vs_in_native_child();
	else
		vs_gate_leave_native();
}

/* The handler of a signal could leave by longjmp() while it is counted. In the
 * caller's frame, for the gate notes where its own is. */
__attribute__((always_inline)) static inline void begin_in_turn(uintptr_t frame)
{
	vs_sigset mask;

	vs_block_all(&mask);
	vs_queue_announce();
	vs_native_fork_begins(frame);
	vs_queue_announced();
	vs_unblock(&mask);
}

/* A fork handler of the application may itself fork: the transaction around it
 * holds the gate then, or will see to it. Where nobody is to be waited for, no
 * system call is made that libc's fork() does not make: a filter of the
 * program's may kill for it, and where there is one there are no transactions.
 */
pid_t vs_native_fork(pid_t (*real)(void))
{
	uintptr_t frame = (uintptr_t)__builtin_frame_address(0);
	pid_t pid;

	if (vs_txn_under_way())
		return real();
	if (vs_unlikely(vs_queue_is_busy()))
		begin_in_turn(frame);
	else
		vs_native_fork_begins(frame);
	pid = real();
	vs_native_fork_ends(pid);
	return pid;
}
