/* SPDX-License-Identifier: MIT
 *
 * Native forks, transactions and marked memory: preload/memory/. Threads that
 * fork, as transactions or natively; one that moves memory by mremap(); and
 * PROGRAM, one that marks some itself. -D: TXNS, NATIVES, how many threads;
 * MOVES, how often memory moves; STALE, the gate was copied while it was shut;
 * LIVE, no native fork waits for ever; BUG_..., what was wrong once, or could
 * be.
 *
 * The kernel: madvise() and mremap() are one step each, under mmap_lock, and a
 * mark moves with its mapping. /proc/self/maps is read piece by piece, but
 * total_vm is of one moment. A futex wait looks at the word and sleeps in one
 * step.
 */
#ifndef TXNS
#	define TXNS 2
#endif
#ifndef NATIVES
#	define NATIVES 1
#endif
#ifndef MOVES
#	define MOVES 2
#endif

#include "gate.inc"
#include "marks.inc"

byte copies;

#define LOCALS short now; byte p, waits, found; bool entered, lost, gone

/* All that the program has not marked is in the child. */
inline native_fork()
{
	enter_native();
	d_step {
		assert(!marked[BIG] && !marked[NEW]);
		copies++
	};
	leave_native()
}

active [TXNS] proctype txn()
{
	LOCALS;
#ifdef LIVE
again:
#endif
	enter_txn();
	if
	:: entered ->
		exclude();
#ifdef BUG_UNMARK_AFTER_GATE
		leave_txn();
		exclude_undo()
#else
		exclude_undo();
		leave_txn()
#endif
	:: else -> native_fork()
	fi;
#ifdef LIVE
	copies = 0;
	goto again
#endif
}

bool forked;

active [NATIVES] proctype native()
{
	LOCALS;

	native_fork();
	forked = true
}

/* realloc(), which does not pass by here; mmap(). */
active proctype mover()
{
	byte n, from, to;

	do
	:: n < MOVES ->
		n++;
		if
		:: to = 0
		:: to = 1
		:: to = 2
		fi;
		d_step {
			from = 0;
			do
			:: at[from] == BIG -> break
			:: else -> from++
			od;
			if
			:: at[to] == NOBODY ->
				at[to] = BIG;
				at[from] = NOBODY
			:: else
			fi
		};
		if
		:: d_step {
			at[from] == NOBODY && n == 1 ->
			at[from] = NEW;
			marked[NEW] = false;
			from = 0; to = 0
		   }
		:: d_step { from = 0; to = 0 }
		fi
	:: break
	od
}

/* watch_madvise() and move_marked() */
#ifdef PROGRAM
active proctype program()
{
	LOCALS;

	enter_native();
	d_step { !app_lock -> listed[3] = true };
	marked[THEIRS] = true;
	leave_native();
	enter_native();
	atomic { !app_lock -> app_lock = true };
	d_step {
		if
		:: at[0] == NOBODY ->
			at[0] = THEIRS;
			at[3] = NOBODY;
			listed[0] = true;
			listed[3] = false
		:: else
		fi
	};
	app_lock = false;
	leave_native()
}
#endif

#ifdef LIVE
ltl enters { <> forked }
#else
active proctype check()
{
	timeout ->
	assert(gate == 0 && passed_over == 0 && !app_lock);
#ifdef PROGRAM
	assert(marked[THEIRS])
#endif
}
#endif
