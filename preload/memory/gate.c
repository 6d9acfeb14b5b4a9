/* SPDX-License-Identifier: MIT
 *
 * See gate.h. One word: n > 0, native forks under way; -pid, the transaction of
 * that process; 0, neither. A native fork waits for a transaction, which ends
 * by itself (its thread sleeps in the kernel, its child has a time limit). A
 * transaction never waits for a native fork, because it already holds libc's
 * fork locks, which the other thread may be waiting for; it becomes a native
 * fork instead.
 */
#include "memory/gate.h"

#include <errno.h>
#include <linux/futex.h>
#include <signal.h>
#include <stdatomic.h>
#include <stddef.h>
#include <time.h>

#include "kernel/ksignal.h"
#include "kernel/lock.h"
#include "memory/internal.h"
#include "base/compiler.h"
#include "port.h"

static _Atomic int gate VS_HOT;

/* Native forks that have waited for one transaction and met the next: threads
 * of one real-time priority on one processor would do so for ever. Until they
 * are in, no more transactions. */
static _Atomic int passed_over VS_HOT;

/* How many threads sleep in wait_while(). A handler that leaves it by longjmp()
 * is counted for ever: each transaction then ends with a wake-up for nobody. */
static _Atomic int sleeping VS_HOT;

/* A child made by a raw clone while memory was marked has a copy of the word
 * that nobody will ever clear. Far longer than any transaction lasts. */
enum { STALE_MS = 1000 };

static long sleep_while(int value, const struct timespec *limit)
{
	long r;

	atomic_fetch_add(&sleeping, 1);
	r = vs_sys(SYS_futex, &gate, FUTEX_WAIT_PRIVATE, value, limit);
	vs_count_down(&sleeping);
	return r;
}

static void wait_while(int value)
{
	const struct timespec limit = {.tv_sec = STALE_MS / 1000};
	long r = sleep_while(value, &limit);

	if (r == -ETIMEDOUT && -value != vs_sys(SYS_getpid))
		atomic_compare_exchange_strong(&gate, &value, 0);
}

/* How many native forks the calling thread is in, one inside the other (an
 * atfork handler may fork), and the frame of the outermost. */
static VS_THREAD struct {
	int depth;
	uintptr_t frame;
} own;

/* The stack grows down: a fork whose frame lies below the present one has been
 * left by longjmp(). On a signal handler's own stack that cannot be told: it
 * may be anywhere. */
void vs_gate_recover(uintptr_t sp)
{
	if (vs_likely(!own.depth) || own.frame >= sp || vs_on_signal_stack())
		return;
	atomic_fetch_sub(&gate, own.depth);
	own.depth = 0;
}

static void entered(uintptr_t frame)
{
	if (!own.depth++)
		own.frame = frame;
	vs_stray_sweep();
}

void vs_gate_enter_native_at(uintptr_t frame)
{
	int now = atomic_load(&gate), waits = 0;

	vs_gate_recover(frame);
	for (;;) {
		if (now < 0) {
			if (waits++ == 1)
				atomic_fetch_add(&passed_over, 1);
			wait_while(now);
			now = atomic_load(&gate);
		} else if (atomic_compare_exchange_weak(&gate, &now, now + 1)) {
			if (waits > 1)
				atomic_fetch_sub(&passed_over, 1);
			break;
		}
	}
	entered(frame);
}

void vs_gate_enter_native(void)
{
	vs_gate_enter_native_at((uintptr_t)__builtin_frame_address(0));
}

static void wake_sleepers(void)
{
	if (atomic_load(&sleeping))
		vs_sys(SYS_futex, &gate, FUTEX_WAKE_PRIVATE, 0x7fffffff);
}

void vs_gate_leave_native(void)
{
	if (!own.depth)
		return;
	own.depth--;
	if (atomic_fetch_sub(&gate, 1) == 1)
		wake_sleepers();
}

bool vs_gate_wait(void)
{
	const struct timespec moment = {.tv_nsec = 10000000};
	int now = atomic_load(&gate);

	if (now <= 0 || own.depth)
		return false;
	sleep_while(now, &moment);
	return true;
}

bool vs_gate_enter_txn(void)
{
	int mine = -(int)vs_sys(SYS_getpid), now = 0;

	if (atomic_load(&passed_over))
		return false;
	while (!atomic_compare_exchange_weak(&gate, &now, mine)) {
		if (now > 0)
			return false;
		if (now < 0)
			wait_while(now);
		now = 0;
	}
	return true;
}

static void end_txn(int now)
{
	atomic_store(&gate, now);
	wake_sleepers();
}

void vs_gate_leave_txn(void)
{
	end_txn(0);
}

void vs_gate_txn_to_native(void)
{
	end_txn(1);
	entered((uintptr_t)__builtin_frame_address(0));
}

void vs_gate_reset(void)
{
	own.depth = 0;
	atomic_store(&gate, 0);
	atomic_store(&passed_over, 0);
	atomic_store(&sleeping, 0);
}
