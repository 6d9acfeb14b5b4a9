/* SPDX-License-Identifier: MIT
 * One sharing fork under way, between the files of share/ and the stub. */
#ifndef VS_SHARE_INTERNAL_H
#define VS_SHARE_INTERNAL_H

#include "base/child_kind.h"
#include "kernel/ksignal.h"
#include "share/share.h"
#include "libc/unwind/unwind.h"

#if VS_ARCH_SHARE

/* Bytes, but for the first and the last: forks under way at once in a process,
 * and callers that are known by unwinding. */
enum {
	VS_SHARE_SLOTS = 4,
	VS_SHARE_COPY = 256 << 10, /* the most of a stack that is copied */
	VS_SHARE_STACK = 16 << 10, /* of vs_share_resume() */
	VS_SHARE_SAMPLE = 16 << 10,
	VS_SHARE_FRAMES = 32,
};

/* The child reads and writes it, too. */
struct vs_share {
	/* stub.S knows these two */
	uintptr_t sp;	     /* of vs_share_clone(); the copy starts there */
	void *private_stack; /* its top, for vs_share_resume() */

	_Atomic int busy; /* not every CPU has atomic bytes */
	bool alone;	  /* no other thread can write to this stack */
	uintptr_t cfa;	  /* of the public entry point */
	uintptr_t top;	  /* end of what is copied */
	uint64_t mask;	  /* the thread's signal mask */
	void (*in_native_child)(void);

	/* Unless alone: the callers above cfa, as far as they are known. */
	int frames;
	struct vs_frame frame[VS_SHARE_FRAMES];
	struct vs_unwind_cache cache;

	/* Written by the child. */
	uintptr_t reported; /* highest vs_share_report(), or 0 */
	bool left;	    /* `late` was taken after all it has done */
	long true_child;    /* the pid it goes on as, or 0 */
	bool armed;	    /* an exec failed: system calls are watched */
	bool sigsys_blocked;
	struct vs_ksigaction sigsys;

	/* What was above cfa when it started, and when it left. */
	uintptr_t early[VS_SHARE_SAMPLE / sizeof(uintptr_t)];
	uintptr_t late[VS_SHARE_SAMPLE / sizeof(uintptr_t)];
	char stack[VS_SHARE_STACK] __attribute__((aligned(16)));
	char copy[VS_SHARE_COPY] __attribute__((aligned(16)));
};

_Static_assert(offsetof(struct vs_share, sp) == 0, "known to stub.S");
_Static_assert(offsetof(struct vs_share, private_stack) == sizeof(void *),
	       "known to stub.S");

/* stub.S: calls vs_share_copy(), then clones with no exit signal. Child: 0.
 * Parent, when the child has exec'd or died: what vs_share_resume() returns,
 * called on the private stack. The stub is back with the copied stack. */
long vs_share_clone(struct vs_share *s);
void vs_share_copy(struct vs_share *s);
long vs_share_resume(struct vs_share *s, long result);

/* frames.c, unless s->alone: before the clone; in the child, when it starts;
 * instead of putting everything back. */
void vs_share_find_frames(struct vs_share *s);
void vs_share_starts(struct vs_share *s);
void vs_share_restore_among_threads(struct vs_share *s);

/* end.c: the parent, when its child `pid` has exec'd or died: what fork()
 * returns. */
long vs_share_settle(struct vs_share *s, long pid);

/* end.c: while held, an orphaned grandchild becomes this process's child. */
bool vs_share_hold_reaper(void);
void vs_share_release_reaper(void);
void vs_share_reset_reaper(void);

/* trap.c: the child's system calls raise SIGSYS; no longer. False if that is
 * not possible. */
bool vs_share_arm(struct vs_share *s, vs_handler on_sigsys);
void vs_share_disarm(struct vs_share *s);

#endif
#endif
