/* SPDX-License-Identifier: MIT
 *
 * Whether a transaction may be tried, by what is known of the process: whose
 * memory this is, what libc is, what the program has done.
 */
#include "kernel/own_memory.h"
#include "libc/facts.h"
#include "memory/app_marks.h"
#include "txn/able/able.h"
#include "txn/able/watched.h"

/* Changes in the child of a native fork, and whenever something that was found
 * out may not hold any more. */
static _Atomic unsigned epoch = 1;

void vs_txn_ask_again(void)
{
	epoch++;
}

unsigned vs_txn_epoch(void)
{
	return epoch;
}

/* A child by clone(), on a stack that was made for what it does natively. */
static bool cloned;

void vs_txn_in_new_process(bool by_clone)
{
	cloned = by_clone;
	epoch++;
}

enum vs_why_native vs_txn_barred(void)
{
	enum vs_why_native why = vs_txn_watched();

	if (why != VS_WHY_NONE)
		return why;
	if (vs_other_libc())
		return VS_WHY_OTHER_LIBC;
	/* In a child by vfork, or by a clone of which we were not told, memory
	 * may be the parent's, who sleeps. */
	if (cloned || !vs_memory_is_own())
		return VS_WHY_FOREIGN_CHILD;
	if (vs_instrumented())
		return VS_WHY_SANITIZER;
	return vs_app_marks_overflow() ? VS_WHY_MARKS : VS_WHY_NONE;
}
