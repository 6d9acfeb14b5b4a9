/* SPDX-License-Identifier: MIT
 *
 * One transaction: the parent's thread, its child, others who send signals to
 * the child at any instant, and the parent's death. -D: SIGNALS, how many;
 * DEMANDS, how often the child asks for memory of its parent's; PARENT_DIES;
 * LIVE, the wait ends; BUG_..., what was wrong once, or could be.
 */
#ifdef LIVE
#	define NOT_YET false	/* a time limit */
#else
#	define NOT_YET true
#endif

#include "kernel.inc"
#include "child.inc"
#include "await.inc"

#ifndef SIGNALS
#	define SIGNALS 2
#endif

bool others_done;

inline send_kill()
{
	has_kill = true;
	wanted_kill = true
}

inline send_term()
{
	has_term = true;
	wanted_term = true
}

inline send_handled()
{
	has_handled = true;
	wanted_handled = true
}

inline send_queued()
{
	has_queued++;
	wanted_queued++
}

inline send_stop()
{
	stopped = true;
	has_cont = false;
	wanted_stop = true;
	excused = excused || replacing || replaced
}

inline send_cont()
{
	stopped = false;
	has_cont = has_cont || masked;
	wanted_stop = false;
	excused = excused || replacing || replaced
}

/* To the child. What it gets once it has been told to die by us, or is dying,
 * is too late. */
active proctype others()
{
	byte n;

	do
	:: atomic {
		n < SIGNALS && task == ALIVE && !has_our_kill ->
		n++;
		if
		:: send_kill()
		:: !looked -> send_term()
		:: !looked -> send_handled()
		:: !looked -> send_queued()
#ifndef PARENT_DIES
		:: send_stop()
		:: send_cont()
#endif
		fi
	   }
	:: break
	od;
	others_done = true
}

#ifdef PARENT_DIES
active proctype killer_of_parent()
{
end_late:
	task != NONE && !done -> parent_dead = true
}
#endif

#ifdef BUG_KILL_TIMER
active proctype timer()
{
	d_step {
		task == ALIVE ->
		assert(!exit_sigchld);
		has_our_kill = true
	}
}
#endif

/* ---- what comes out ---- */

#define dead (result == KILLED || \
	      (result == UNDONE && left_term && !left_stop) || \
	      (result == COMMITTED && task != ALIVE))
#define wanted_death (wanted_kill || wanted_term || \
		      (wanted_handled && result == COMMITTED))
#define term_pending (result == UNDONE && left_term || \
		      result == COMMITTED && has_term)
#define is_handled (result == UNDONE && left_handled || \
		    result == COMMITTED && has_handled)
#define is_stopped (result == UNDONE && left_stop || \
		    result == COMMITTED && stopped)
#define queued (result == UNDONE -> left_queued : has_queued)

active proctype check()
{
#ifdef PARENT_DIES
end_orphan:	/* that works for ever */
#endif
	d_step {
		others_done && (done || parent_dead) &&
		(task == ZOMBIE || task == REAPED ||
		 (exit_sigchld && !in_exec && !dies)) ->
#ifdef END_COMMITTED
		assert(result != COMMITTED);
#endif
#ifdef END_UNDONE
		assert(result != UNDONE);
#endif
#ifdef END_KILLED
		assert(result != KILLED);
#endif
		assert(programs <= 1);
		if
		:: done ->
			/* One program, unless somebody has killed it. */
			assert(programs == 1 || wanted_death);
			assert(!dead || wanted_death);
			assert(!wanted_kill || dead);
			assert(!wanted_term || dead || term_pending);
			assert(!wanted_handled || dead || is_handled);
			assert(dead || queued == wanted_queued);
			assert(dead || excused || is_stopped == wanted_stop)
		:: else
		fi
	}
}

#ifdef LIVE
ltl ends { <> done }
#endif
