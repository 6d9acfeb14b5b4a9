/* SPDX-License-Identifier: MIT
 *
 * What system calls are given: places in memory that a transaction does not
 * copy, and descriptors of fixed numbers. All of it is constant, for tables;
 * memory.h fills it.
 */
#ifndef TEST_CALL_PLACES_H
#define TEST_CALL_PLACES_H

#include "util.h"

/* A place lies across a border of what is brought in at once: of a struct, a
 * few bytes are before that, of a name more than any struct has. There is room
 * for the largest result. */
enum { APART = 2 * CHUNK, PLACES = 72, LARGEST = 20000, PATTERN = 0xa5 };

static unsigned char big[(PLACES + 2) * APART] __attribute__((aligned(CHUNK)));

enum { BEFORE_STRUCT = 8, BEFORE_NAME = 600 };

#define AT(n)                      \
	(big + ((n) + 1) * APART - \
	 ((n) > TO_STRUCTS ? BEFORE_STRUCT : BEFORE_NAME))

enum place {
	TO_WIDE, /* for results of any size */
	TO_FILE, /* names */
	TO_MISSING,
	TO_LINK,
	TO_DIR,
	TO_ROOT,
	TO_PROC,
	TO_NAME,
	TO_NEW_NAME,
	TO_NEW,
	TO_SHORT,
	TO_EMPTY,
	TO_LONG,
	TO_FIFO,
	TO_MAPS,
	TO_LIMITS,
	TO_SYSTEM,
	TO_BY_WAY,
	TO_NULL,
	TO_PROGRAM,
	TO_STRUCTS,
	TO_OUT, /* for results */
	TO_OUT2,
	TO_OUT3,
	TO_FDS,
	TO_ARGV, /* structs */
	TO_ENVP,
	TO_LIMIT,
	TO_TIMER,
	TO_SET,
	TO_ACTION,
	TO_STACK,
	TO_GROUPS,
	TO_CAP,
	TO_CAPS,
	TO_CPUS,
	TO_PARAM,
	TO_LOCK,
	TO_POLL,
	TO_NEVER,
	TO_READ_SET,
	TO_WRITE_SET,
	TO_OUR_SET,
	TO_NOW,
	TO_SOON,
	TO_LATER,
	TO_LATER_US,
	TO_BAD,
	TO_MASK,
	TO_SIZE,
	TO_ONE,
	TO_VECTOR,
	TO_MESSAGE,
	TO_RIGHTS,
	TO_PART,
	TO_PART2,
	TO_RULES,
	TO_RULE,
	TO_ATTR,
	TO_DEADLINE,
	TO_ATTRIBUTE,
	TO_MARK,
	TO_EVENT,
	TO_ALONE,
	TO_LAST, /* that no call is given */
	USED
};
_Static_assert((int)USED <= PLACES, "each has its place");

#define M(name) ((long)AT(TO_##name))

/* Whole pages of the same memory, where no place is; and such that one example
 * alone is about: what is used often is brought in early. */
#define PAGES	   ((long)(big + CHUNK))
#define MORE_PAGES ((long)(big + 5 * CHUNK))
/* And such that no child has ever touched. */
#define FAR_PAGES  ((long)(big + PLACES * APART))

/* To be put in by the child: its own id, its parent's, and the address of
 * memory that is copied. */
enum { NOBODY = 1 << 23 }; /* above PID_MAX_LIMIT */
enum { SELF_PID = 0x5e1f0, PARENT_PID, SMALL };

/* Inherited; SMALL_FD is small, the library's own is about 100. */
enum {
	FILE_FD = 50,
	DIR_FD,
	PIPE_IN,
	PIPE_OUT,
	PROC_FD,
	PROGRAM_FD,
	REPORT_FD,
	SOCK_FD,
	OURS = 100,
	CLOSED = 1000
};
/* The child's own. */
enum { OWN_FILE = 40, OWN_DIR, OWN_IN, OWN_OUT, OWN_SOCK, OTHER_END };

#endif
