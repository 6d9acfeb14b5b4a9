/* SPDX-License-Identifier: MIT
 * See queue.h. */
#include "memory/queue.h"

#include <linux/futex.h>
#include <stdatomic.h>
#include <stddef.h>
#include <time.h>

#include "base/compiler.h"
#include "libc/threads.h"
#include "memory/gate.h"
#include "port.h"

/* Looks, of 10 ms each. A native fork of much memory takes some 10 ms per GB,
 * and a transaction a fraction of one. */
enum { FOR_NATIVES = 5, FOR_TRANSACTIONS = 5 };

static _Atomic int natives VS_HOT, transactions VS_HOT;

/* Whose counts these are: the child of a raw clone has a copy of them, and of
 * the gate's, which nobody will ever bring down. 0: there was no transaction
 * yet. */
static _Atomic long owner VS_HOT;

static bool are_own(void)
{
	return !owner || owner == vs_sys(SYS_getpid);
}

static void look_at(_Atomic int *word, int value)
{
	const struct timespec look = {.tv_nsec = 10000000};

	vs_sys(SYS_futex, word, FUTEX_WAIT_PRIVATE, value, &look);
}

void vs_queue_wait(void)
{
	if (vs_told_single_threaded() || !are_own())
		return;
	for (int i = 0; i < FOR_NATIVES; i++) {
		int now = atomic_load(&natives);

		if (now > 0)
			look_at(&natives, now);
		else if (!vs_gate_wait())
			return;
	}
}

void vs_queue_enter(void)
{
	if (vs_unlikely(!owner))
		owner = vs_sys(SYS_getpid);
	atomic_fetch_add(&transactions, 1);
}

/* In this order: a native fork looks at them in the other. */
void vs_queue_leave(void)
{
	if (atomic_fetch_sub(&transactions, 1) == 1 && atomic_load(&natives))
		vs_sys(SYS_futex, &transactions, FUTEX_WAKE_PRIVATE,
		       0x7fffffff);
}

bool vs_queue_is_busy(void)
{
	return atomic_load(&transactions) > 0 && are_own();
}

void vs_queue_announce(void)
{
	int now;

	atomic_fetch_add(&natives, 1);
	for (int i = 0; i < FOR_TRANSACTIONS; i++) {
		now = atomic_load(&transactions);
		if (now <= 0)
			return;
		look_at(&transactions, now);
	}
}

void vs_queue_announced(void)
{
	if (atomic_fetch_sub(&natives, 1) == 1)
		vs_sys(SYS_futex, &natives, FUTEX_WAKE_PRIVATE, 0x7fffffff);
}

void vs_queue_reset(void)
{
	atomic_store(&natives, 0);
	atomic_store(&transactions, 0);
	owner = 0;
}
