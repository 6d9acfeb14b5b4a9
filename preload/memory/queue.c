/* SPDX-License-Identifier: MIT
 * See queue.h. */
#include "memory/queue.h"

#include <linux/futex.h>
#include <stdatomic.h>
#include <stddef.h>
#include <time.h>

#include "base/compiler.h"
#include "memory/gate.h"
#include "port.h"

/* Looks, of 10 ms each. A native fork of much memory takes some 10 ms per GB,
 * and a transaction a fraction of one. */
enum { FOR_NATIVES = 20, FOR_TRANSACTIONS = 5 };

static _Atomic int natives VS_HOT, transactions VS_HOT;

/* Waits that have not ended by themselves. A copy of this process by a system
 * call of the program's own has the counts of threads that it has not. */
enum { ENOUGH = 8 };
static _Atomic int in_vain;

static void look_at(_Atomic int *word, int value)
{
	const struct timespec look = {.tv_nsec = 10000000};

	vs_sys(SYS_futex, word, FUTEX_WAIT_PRIVATE, value, &look);
}

static void leave(_Atomic int *word)
{
	if (atomic_fetch_sub(word, 1) == 1)
		vs_sys(SYS_futex, word, FUTEX_WAKE_PRIVATE, 0x7fffffff);
}

void vs_queue_wait(void)
{
	if (vs_unlikely(in_vain > ENOUGH))
		return;
	for (int i = 0; i < FOR_NATIVES; i++) {
		int now = atomic_load(&natives);

		if (now > 0)
			look_at(&natives, now);
		else if (!vs_gate_wait())
			return;
	}
	in_vain++;
}

void vs_queue_enter(void)
{
	atomic_fetch_add(&transactions, 1);
}

void vs_queue_leave(void)
{
	if (atomic_load(&natives))
		leave(&transactions);
	else
		atomic_fetch_sub(&transactions, 1);
}

void vs_queue_announce(void)
{
	int now;

	atomic_fetch_add(&natives, 1);
	if (vs_unlikely(in_vain > ENOUGH))
		return;
	for (int i = 0; i < FOR_TRANSACTIONS; i++) {
		now = atomic_load(&transactions);
		if (now <= 0)
			return;
		look_at(&transactions, now);
	}
	in_vain++;
}

void vs_queue_announced(void)
{
	leave(&natives);
}

void vs_queue_reset(void)
{
	atomic_store(&natives, 0);
	atomic_store(&transactions, 0);
	in_vain = 0;
}
