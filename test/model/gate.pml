/* SPDX-License-Identifier: MIT
 *
 * The gate, and the marks of memory: preload/memory/gate.c and stray.c, the
 * marking of txn/exclude.c, and app_marks.c as one list under a lock. Threads
 * that fork, as transactions or natively, one that moves memory by mremap(), and
 * PROGRAM, one that marks some itself. -D: TXNS, NATIVES, how many threads; MOVES, how
 * often memory moves; STALE, the gate was copied while it was shut; LIVE, no
 * native fork waits for ever; BUG_..., what was wrong once, or could be.
 *
 * The kernel: madvise() and mremap() are one step each, under mmap_lock, and a
 * mark moves with its mapping. /proc/self/maps is read piece by piece. A futex
 * wait looks at the word and sleeps in one step.
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

#define PID   10
#define OTHER 11

/* Mappings, and the places where they may be. */
#define PLACES 4
#define NOBODY 0
#define BIG    1	/* worth marking */
#define NEW    2	/* mapped where that has been */
#define THEIRS 3	/* what the application marks */

#ifdef STALE
short gate = -OTHER;
#else
short gate;
#endif
byte passed_over;
bool asleep[8];		/* by process of the model */
bool suspected;

byte at[PLACES] = { NOBODY, BIG, NOBODY, THEIRS };
bool marked[4];		/* MADV_DONTFORK */
bool listed[PLACES];	/* vs_app_marks */
bool lazy[PLACES];	/* vs_txn.lazy */
bool app_lock;
byte copies;

/* ---- the gate ---- */

/* The time limit is of use only where nobody will leave: in the copy of a
 * process that had it shut. */
inline wait_while()
{
	d_step {
		if
		:: gate == now -> asleep[_pid] = true
		:: else
		fi
	};
	if
	:: !asleep[_pid]
	:: now != -PID ->
		d_step {
			asleep[_pid] = false;
			if
			:: gate == now -> gate = 0
			:: else
			fi
		}
	fi
}

/* A compare-and-swap that fails, for another thread has been faster, is made
 * again: one step here. */
inline enter_native()
{
	waits = 0;
	do
	:: atomic { gate >= 0 -> gate++ };
		if
		:: waits > 1 -> passed_over--
		:: else
		fi;
		break
	:: atomic { gate < 0 -> now = gate };
#ifndef BUG_NOT_PASSED_OVER
		if
		:: waits == 1 -> passed_over++
		:: else
		fi;
#endif
		waits = (waits < 2 -> waits + 1 : 2);
		wait_while()
	od;
	skip;
	d_step { waits = 0; now = 0 };
	if
	:: suspected -> sweep()
	:: else
	fi
}

inline leave_native()
{
	gate--
}

inline enter_txn()
{
	entered = (passed_over == 0);
	do
	:: !entered -> break
	:: else ->
		if
		:: atomic { gate == 0 -> gate = -PID }; break
		:: atomic { gate > 0 -> entered = false }
		:: atomic { gate < 0 -> now = gate }; wait_while()
		fi
	od
}

inline leave_txn()
{
	gate = 0;
	d_step {
		for (p : 0 .. 7) {
			asleep[p] = false
		};
		p = 0
	}
}

/* ---- marks ---- */

/* vs_app_marks_unmark_others(), of what was read before. */
inline unmark_others()
{
	atomic { !app_lock -> app_lock = true };
	d_step {
		if
		:: !listed[p] && at[p] != NOBODY -> marked[at[p]] = false
		:: !listed[p] && at[p] == NOBODY -> gone = true
		:: else
		fi;
		app_lock = false
	}
}

/* All that is mapped, by /proc/self/statm, which is one moment. */
#define mapped ((at[0] != NOBODY) + (at[1] != NOBODY) + (at[2] != NOBODY) + \
		(at[3] != NOBODY))

/* Again, until all has been found: what moves from where the sweep has not been
 * yet to where it has been is missed. */
inline sweep()
{
	do
	:: found = 0;
		for (p : 0 .. PLACES - 1) {
			if
			:: at[p] != NOBODY -> found++; unmark_others()
			:: at[p] == NOBODY
			fi
		}
#ifdef BUG_ONE_SWEEP
		break
#else
		if
		:: found == mapped && !gone -> break
		:: else -> gone = false
		fi
#endif
	od;
	skip;
	d_step { suspected = false; found = 0; gone = false; p = 0 }
}

/* vs_exclude(): finding, then marking. */
inline exclude()
{
	d_step {
		for (p : 0 .. PLACES - 1) {
			lazy[p] = (at[p] != NOBODY && !listed[p])
		}
	};
	for (p : 0 .. PLACES - 1) {
		d_step {
			if
			:: lazy[p] && at[p] != NOBODY -> marked[at[p]] = true
			:: else -> lazy[p] = false
			fi
		}
	};
	p = 0
}

inline exclude_undo()
{
	for (p : 0 .. PLACES - 1) {
		d_step {
			if
			:: lazy[p] && at[p] != NOBODY -> marked[at[p]] = false
			:: lazy[p] && at[p] == NOBODY -> lost = true
			:: else
			fi;
			lazy[p] = false
		}
	};
	skip;
	d_step { suspected = true; p = 0 };
	if
	:: lost -> lost = false; sweep()
	:: else
	fi
}

/* ---- threads ---- */

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
