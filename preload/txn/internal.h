/* SPDX-License-Identifier: MIT
 * The parent's side of a transaction, between the files of txn/. Nobody else
 * includes this. */
#ifndef VS_TXN_INTERNAL_H
#define VS_TXN_INTERNAL_H

#include "base/compiler.h"
#include "kernel/ksignal.h"
#include "txn/handler/sigsys.h"
#include "txn/handler/stack.h"
#include "txn/record/lesson.h"
#include "txn/record/state.h"
#include "txn/txn.h"

/* One vs_txn_fork() under way, on its caller's stack. */
struct vs_txn_call {
	const struct vs_txn_call *self; /* it is one, and nothing else yet */
	const struct vs_txn_request *request;
	struct vs_verdict *verdict;
	struct vs_site *site;
	struct vs_lesson lesson; /* of the native fork after a rollback */
	unsigned native;	 /* us that a native one would take */
	unsigned patience; /* us that the child may work for; 0: as ever */
	unsigned worked;   /* us that a committed one has */
	vs_handler on_sigsys;
	bool tried;	 /* the clone has come */
	long held;	 /* a child that is undone and waits for the next */
	siginfo_t early; /* a SIGSYS that the application blocks */
};

/* The calling thread's, or NULL. */
extern VS_THREAD struct vs_txn_call *vs_txn_calling;

/* What it has of ours meanwhile. Beside the call itself, whose frame may be
 * left by longjmp(), out of a fork handler or one of a signal. */
extern VS_THREAD struct vs_txn_held {
	bool abandoned;		 /* dispatch is off already, the gate is ours */
	bool cloning;		 /* its clone is under way, with the gate */
	uint64_t mask;		 /* the virtual one, as fork handlers see it */
	stack_t stack, altstack; /* ours, the program's */
} vs_txn_held;

/* Whether the frame of the call has been left, by who has that stack pointer,
 * which is none of our stack: the stack grows down, so it was if it lies below,
 * and if there is something else in it. Handlers that change stacks may be
 * taken for that; to fork natively is right for them, too. */
bool vs_txn_left(uintptr_t sp);

/* The mask that the thread really has while dispatch is on. */
uint64_t vs_txn_real_mask(void);

/* ---- choose.c ---- */

/* VS_WHY_NONE: as a transaction, of call->site, and with call->native and
 * ->patience where prices count; or why not. */
enum vs_why_native vs_choose(struct vs_txn_call *call);

/* ---- offer.c: how the child gets at this memory ---- */

/* Whether there is a way. `filters` is the number of the thread's seccomp
 * filters and 1, or 0 if it has none; for one of these a child may be made. */
bool vs_offer_possible(unsigned filters);

/* Takes one: VS_WHY_NONE, or why there is none, after all; and back. */
enum vs_why_native vs_offer(void);
void vs_offer_withdraw(void);

/* ---- serve.c: the parent serves it ---- */

/* What children of this site have needed, into the store. After vs_exclude() */
void vs_serve_stock(void);

/* Takes away what of this memory is in the store. */
void vs_serve_wipe(void);

/* Answers the child, whose word is `alive` while it asks for nothing. False if
 * it does not. */
bool vs_serve(unsigned alive);

/* ---- trap.c: the handler of SIGSYS, in the parent and in its child ---- */

void vs_txn_on_sigsys(int sig, siginfo_t *info, void *context);

/* ---- interrupt.c ---- */

/* Whether a signal has come that natively would have been taken here. */
bool vs_txn_has_signal(void);

/* Whether a system call waits for a lock; and it, made as long as no signal
 * comes: -ETIMEDOUT if one has. */
bool vs_txn_waits_for_lock(long nr, const long args[6]);
long vs_txn_wait_for_lock(const long args[6]);

/* ---- clone.c: in that handler ---- */

/* The clone that libc asked for, as a transaction; if that is not possible or
 * is rolled back, as asked. `sp` is the application's stack pointer. */
long vs_txn_clone(const long args[6], uintptr_t sp);

/* ---- heir.c ---- */

/* What libc asked for, but for the gate: a SIGSYS that the application blocks
 * stays with the process that got it. */
long vs_clone_apart(struct vs_txn_call *call, const long args[6]);
long vs_txn_clone_as_asked(const long args[6]);

/* After a transaction that was undone, before the gate is left: the same, and
 * the end of the child whose place that takes. */
long vs_clone_heir(struct vs_txn_call *call, const long args[6]);

/* ---- inherit.c: in the child that takes another's place ---- */

/* Adds what the other has left in the end (`all`, which begins with *left) and
 * what this one has got meanwhile, to *left. */
void vs_inherit_late(struct vs_left_signals *left,
		     const struct vs_left_signals *all);

/* They are sent again, to itself. */
void vs_inherit(const struct vs_left_signals *left);

/* ---- await.c ---- */

enum vs_txn_end {
	VS_TXN_COMMITTED,
	VS_TXN_UNDONE, /* and reaped: a native fork is to be made */
	VS_TXN_HELD,   /* undone, and waits for the child of that fork */
	VS_TXN_KILLED, /* and reaped, by a signal of somebody else's */
};

/* Waits for the speculative child. `status` is that of wait(), of one that was
 * killed. */
enum vs_txn_end vs_await(long pid, int *status);

#endif
