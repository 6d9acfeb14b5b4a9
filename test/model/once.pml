/* SPDX-License-Identifier: MIT
 *
 * The first forks of a process, by two threads at once: preload/kernel/once.c
 * and lock.c, and of txn/ what they touch of the page. The gate admits one
 * transaction at a time; see gate.pml. NATIVE: meanwhile a third makes a native
 * fork, whose child has a copy of all this, and forks for the first time, too.
 * The kernel: mmap() is one step, and puts
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

#ifdef NATIVE
/* The copy: of who sleeps there is none, and the page is the parent's. */
byte its_lock, its_made, its_pages, its_asleep, its_woken;
bool its_end;
#endif

/* Of the process whose sleepers these are. */
inline lock_take(l, asleep, woken)
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

inline lock_drop(l, asleep, woken)
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
		lock_take(lock, asleep, woken);
		if
		:: made == 0 ->
			d_step { pages++; phase[pages] = RUN };
			made = 1
		:: else
		fi;
		lock_drop(lock, asleep, woken)
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

#ifdef NATIVE
/* vs_txn_forget(), by vs_once_inherited(): the page goes if there may be one,
 * which has been mapped before it is noted. */
inline in_native_child()
{
	d_step {
		if
#ifdef BUG_NOTED_PAGE
		:: its_made -> its_pages = 0
#else
		:: its_made || its_lock -> its_pages = 0
#endif
		:: else
		fi;
#ifndef BUG_INHERITED_LOCK
		its_lock = 0;
#endif
		its_made = 0
	}
}

/* What has been begun beside it is not its own, and is not waited for. */
active proctype native_child()
{
	byte was;

	d_step {	/* the clone: a copy of one moment */
		its_lock = lock;
		its_made = made;
		its_pages = pages
	};
	in_native_child();
	assert(its_pages == 0);
	if
	:: its_made == 0 ->
		lock_take(its_lock, its_asleep, its_woken);
		if
		:: its_made == 0 ->
			d_step { its_pages++ };
			its_made = 1
		:: else
		fi;
		lock_drop(its_lock, its_asleep, its_woken)
	:: else
	fi;
	assert(its_pages == 1 && its_lock == 0);
	its_end = true
}
#endif

active proctype check()
{
	timeout ->
#ifdef NATIVE
	assert(its_end);
#endif
	assert(programs == THREADS);
	assert(pages == 1);
	assert(lock == 0 && asleep == 0 && woken == 0 && !gate)
}
