/* SPDX-License-Identifier: MIT
 *
 * A thread that execs ends all others. One of them may be in a transaction: its
 * child would wait for an answer that does not come, with all its descriptors,
 * and be left as a child that the new program's wait() does not see. So an exec
 * waits for transactions, and lets none begin, as a native fork does. Not that
 * of a child by vfork(): it ends nobody, and would never leave the gate.
 */
#include "entry/internal.h"
#include "kernel/own_memory.h"
#include "kernel/sigmask.h"
#include "kernel/task/aside.h"
#include "libc/threads.h"
#include "memory/gate.h"
#include "memory/queue.h"
#include "txn/able/watched.h"
#include "txn/record/lesson.h"
#include "txn/txn.h"

/* Of 50 ms each: a transaction that is undone holds the gate for a native fork
 * when it takes its child away. Not for ever, for one may be in a fork handler
 * of the program's that waits for this thread. */
enum { TURNS = 20 };

static void enter_in_turn(uintptr_t frame)
{
	vs_sigset mask;

	vs_block_all(&mask);
	vs_queue_announce();
	vs_gate_enter_native_at(frame);
	for (int i = 0; i < TURNS && vs_queue_is_busy(); i++) {
		vs_queue_announce();
		vs_queue_announced();
	}
	vs_queue_announced();
	vs_unblock(&mask);
}

/* A filter of the program's might kill for our system calls, and where there is
 * one there are no transactions. */
bool vs_exec_begins(uintptr_t frame)
{
	vs_lesson_exec();
	if (vs_told_single_threaded() || vs_txn_own_filter() ||
	    !vs_memory_is_own() || vs_txn_under_way())
		return false;
	vs_gate_recover(frame + 1);
	if (vs_queue_is_busy())
		enter_in_turn(frame);
	else
		vs_gate_enter_native_at(frame);
	vs_aside_stop();
	return true;
}

void vs_exec_failed(void)
{
	vs_aside_go_on();
	vs_gate_leave_native();
}
