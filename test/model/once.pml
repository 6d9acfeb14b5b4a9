/* SPDX-License-Identifier: MIT
 *
 * The first forks of a process, by two threads at once: preload/kernel/once.c
 * and lock.c, and of txn/ what they touch of the page. The gate admits one
 * transaction at a time; see gate.pml. The kernel: mmap() is one step, and puts
 * new memory where other threads see it from then on, while a child has what
 * there was when it was made. FUTEX_WAIT looks at the word and sleeps in one
 * step; a wake-up reaches one sleeper.
 */
#ifndef THREADS
#	define THREADS 2
#endif
#define PAGES	3

mtype = { RUN, EXEC };

byte pages;			/* mapped so far; number of the one there */
mtype phase[PAGES];		/* of each */
bool gate;
byte lock, made, asleep, woken;
byte programs;

inline lock_take(l)
{
	if
	:: atomic { l == 0 -> l = 1 }
	:: atomic { l != 0 -> skip };
		do
		:: atomic { l == 0 -> l = 2; break }
		:: atomic { l != 0 -> l = 2 };
			if	/* FUTEX_WAIT, 2 */
			:: atomic { l == 2 -> asleep++ };
				atomic { woken > 0 -> woken-- }
			:: atomic { l != 2 -> skip }
			fi
		od
	fi
}

inline lock_drop(l)
{
	d_step { was = l; l = 0 };
	d_step {	/* FUTEX_WAKE, 1 */
		if
		:: was == 2 && asleep > 0 -> asleep--; woken++
		:: else
		fi
	}
}

/* vs_txn_make_page(), by vs_map_once() */
inline make_page()
{
#ifdef BUG_FIRST_FORKS
	if
	:: made == 0 ->
		d_step { pages++; phase[pages] = RUN };
		made = 1
	:: else
	fi
#else
	if
	:: made == 0 ->
		lock_take(lock);
		if
		:: made == 0 ->
			d_step { pages++; phase[pages] = RUN };
			made = 1
		:: else
		fi;
		lock_drop(lock)
	:: else
	fi
#endif
}

proctype child(byte page)
{
	phase[page] = EXEC;
	programs++
}

active [THREADS] proctype thread()
{
	byte was, of_child, before;

	make_page();
	atomic { !gate -> gate = true };
	phase[pages] = RUN;			/* start_page() */
	before = programs;
	of_child = pages;
	run child(of_child);
	programs > before;			/* wait4() says ECHILD */
	if
	:: phase[pages] == EXEC			/* committed */
	:: else -> programs++			/* undone: a native one */
	fi;
	gate = false
}

active proctype check()
{
	timeout ->
	assert(programs == THREADS);
	assert(pages == 1);
	assert(lock == 0 && asleep == 0 && woken == 0 && !gate)
}
