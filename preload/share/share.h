/* SPDX-License-Identifier: MIT
 *
 * The share engine: fork() as clone(CLONE_VM|CLONE_VFORK). The child returns
 * into the caller on the caller's own stack, in the caller's own memory; the
 * parent's thread sleeps until the child execs or dies, then gets its frames
 * and errno back as they were. Only for call sites that are declared clean.
 */
#ifndef VS_SHARE_H
#define VS_SHARE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/ksignal.h"
#include "port.h"
#include "share/unwind.h"
#include "base/vspawn.h"

/* vs_share_fork() cannot be used here; nothing has happened. */
#define VS_SHARE_NOT (-4096L)

/*
 * fork(). `cfa` is the frame address of the public entry point, the stack
 * pointer of its caller: __builtin_dwarf_cfa() there. The pid in the parent, 0
 * in the child, -errno if there is no room for one more process, or
 * VS_SHARE_NOT and *why.
 *
 * The caller must not be in a vfork child, nor where children are born into
 * another pid namespace. The child has vs_sharing set until it execs or
 * becomes a true one.
 */
long vs_share_fork(uintptr_t cfa, enum vs_reason *why);

/* In the child: go on as a true copy that is a child of the parent, with the
 * present process's kernel state. Returns in the copy, vs_sharing cleared.
 * When the kernel refuses a copy it returns in the same process, which still
 * shares memory: fork() has returned 0 already and cannot fail any more. */
void vs_share_become_true_child(void);

/* In the child of a true fork: forget the slots of the parent's threads. */
void vs_share_reset(void);

/* In the child, by entry points through which it leaves: the stack pointer of
 * their caller. What lies below it is dead to the child. */
void vs_share_report(uintptr_t cfa);

/* Around every real exec in the child. */
void vs_share_exec_begins(uintptr_t cfa);
void vs_share_exec_failed(void);

/* ---- between the share*.c files ---- */

#if VS_ARCH_SHARE

enum {
	VS_SHARE_SLOTS = 4,
	VS_SHARE_COPY = 256 << 10, /* the most of a stack that is copied */
	VS_SHARE_STACK = 16 << 10,
	VS_SHARE_SAMPLE = 16 << 10,
	VS_SHARE_FRAMES = 32,
};

/* One fork under way. The child reads and writes it, too. */
struct vs_share {
	/* stub.S knows these two */
	uintptr_t sp;	     /* of vs_share_clone(); the copy starts there */
	void *private_stack; /* its top, for vs_share_resume() */

	_Atomic bool busy;
	bool alone;    /* no other thread can write to this stack */
	uintptr_t cfa; /* of the public entry point */
	uintptr_t top; /* end of what is copied */
	uint64_t mask; /* the thread's signal mask */

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

/* stub.S: calls vs_share_copy(), then clones with no exit signal. Child: 0.
 * Parent, when the child has exec'd or died: what vs_share_resume() returns,
 * called on the private stack. The stub is back with the copied stack. */
long vs_share_clone(struct vs_share *s);
void vs_share_copy(struct vs_share *s);
long vs_share_resume(struct vs_share *s, long result);

/* Unless s->alone: before the clone; in the child, when it starts and when it
 * leaves; instead of putting everything back. */
void vs_share_find_frames(struct vs_share *s);
void vs_share_starts(struct vs_share *s);
void vs_share_leaves(struct vs_share *s);
void vs_share_restore_among_threads(struct vs_share *s);

/* The parent, when its child `pid` has exec'd or died: what fork() returns. */
long vs_share_settle(struct vs_share *s, long pid);

/* While held, an orphaned grandchild becomes this process's child. */
bool vs_share_hold_reaper(void);
void vs_share_release_reaper(void);
void vs_share_reset_reaper(void);

/* No longer watch the child's system calls. */
void vs_share_disarm(struct vs_share *s);

#endif
#endif
