/* SPDX-License-Identifier: MIT
 *
 * The arithmetic of costs: what is native, what a transaction takes, and what
 * may be lost by trying. Pure: no system calls, no clocks; all zero at first.
 * Everything is in microseconds of processor time, never in time of day, which
 * says how busy the machine is and not what a fork costs. Fields are hints that
 * several processes share, so that plain racy updates do no harm.
 */
#ifndef VS_PRICE_H
#define VS_PRICE_H

#include <stdbool.h>
#include <stdint.h>

#include "txn/record/history.h"

/* The last few of one kind of cost. */
enum { VS_SAMPLES = 8 };

struct vs_price {
	_Atomic unsigned sample[VS_SAMPLES];
	_Atomic unsigned count;
};

void vs_price_add(struct vs_price *price, unsigned cost);

/* The second lowest of them, or of fewer than four the lowest; 0: there are
 * none. One slow instant, or a single odd value, moves it nowhere. */
unsigned vs_price_low(const struct vs_price *price);

/* Of one call site. */
struct vs_account {
	_Atomic bool open;
	_Atomic int credit;	/* that may be lost; in native forks / 1000 */
	struct vs_account *pot; /* whose credit this one has; NULL: its own */
	struct vs_history history;
	struct vs_price takes;	 /* a committed transaction */
	struct vs_price works;	 /* a child's own work until exec, natively */
	_Atomic unsigned loses;	 /* by a rollback, the most of recent ones */
	_Atomic unsigned fooled; /* children that exec'd after a rollback */
	_Atomic unsigned late;	 /* those that had taken too long for one */
	_Atomic unsigned rests;	 /* calls that are not to be tried at all */
	_Atomic unsigned since;	 /* calls since one was tried */
	_Atomic int natively;	 /* native forks that other threads are in */
	_Atomic unsigned failed; /* tries against the odds, in a row */
	_Atomic unsigned skips;
	_Atomic int said;    /* enum vs_advice */
	_Atomic int because; /* the caller's: why one was rolled back last */
};

enum vs_advice {
	VS_TRY,
	VS_TOO_DEAR, /* a native fork costs no more */
	VS_NO_EXEC,  /* the child will not exec, or too much has been lost */
};

/* Whether some of its last children have exec'd, and some have not. */
bool vs_account_is_mixed(const struct vs_account *account);

/* What to do with one call, of which a native fork would cost `native`. */
enum vs_advice vs_account_ask(struct vs_account *account, unsigned native);

/* The same advice as last time, if it was not to try and nothing speaks for a
 * change; VS_TRY: it has to be asked. */
enum vs_advice vs_account_repeat(struct vs_account *account);

/* Microseconds that a transaction takes at this site; 0 if too few have been
 * committed to tell. */
unsigned vs_account_takes(const struct vs_account *account);

/* A child goes on natively; whether it execs is seen later. Returns a ticket
 * for that. */
unsigned vs_account_goes_on(struct vs_account *account);

/* The child of a ticket execs, after `work` microseconds. `before`: it had not
 * been tried as a transaction, or had been rolled back for what it did, or
 * because it took too long. */
enum vs_before { VS_NOT_TRIED, VS_UNDOABLE, VS_TOO_LATE };

void vs_account_execs(struct vs_account *account, unsigned ticket,
		      unsigned work, enum vs_before before);

/* A transaction has been committed, which took `took`; or was rolled back, by
 * which `lost` was lost. */
void vs_account_committed(struct vs_account *account, unsigned native,
			  unsigned took);
void vs_account_lost(struct vs_account *account, unsigned native,
		     unsigned lost);

#endif
