/* SPDX-License-Identifier: MIT
 * See stack.h. */
#include "txn/handler/stack.h"

#include <linux/futex.h>
#include <stdatomic.h>
#include <stddef.h>
#include <time.h>

#include "base/compiler.h"
#include "kernel/lock.h"
#include "kernel/sys.h"

/* Three nested signal frames, 11 KiB each with AMX state in them (a trapped
 * call, in it a fault, in that the time limit), and what the handlers use,
 * which make lint adds up. Only touched pages cost anything. */
enum { STACKS = 8, STACK_SIZE = 64 * 1024 };

static unsigned char pool[STACKS][STACK_SIZE] VS_BIG
	__attribute__((aligned(4096)));
static _Atomic int claimed[STACKS] VS_HOT; /* some CPUs have no atomic bytes */

/* Changes when one has been given back; who waits for that, or has left by
 * longjmp(), which costs a wake-up. */
static _Atomic unsigned released VS_HOT;
static _Atomic int waiting VS_HOT;

bool vs_stack_claim(stack_t *stack)
{
	for (int i = 0; i < STACKS; i++) {
		if (atomic_exchange(&claimed[i], 1))
			continue;
		stack->ss_sp = pool[i];
		stack->ss_size = STACK_SIZE;
		stack->ss_flags = 0;
		return true;
	}
	return false;
}

static bool one_is_free(void)
{
	for (int i = 0; i < STACKS; i++) {
		if (!atomic_load(&claimed[i]))
			return true;
	}
	return false;
}

/* One transaction is made at a time: more threads than there are stacks would
 * only wait at the gate. A native fork instead would keep all the others from
 * having one. */
bool vs_stack_wait(void)
{
	enum { ROUNDS = 100, ROUND_MS = 10 };
	const struct timespec round = {.tv_nsec = ROUND_MS * 1000000L};
	unsigned before;
	bool is_free = false;

	atomic_fetch_add(&waiting, 1);
	for (int i = 0; i < ROUNDS && !is_free; i++) {
		before = atomic_load(&released);
		is_free = one_is_free();
		if (!is_free)
			vs_sys(SYS_futex, &released, FUTEX_WAIT_PRIVATE, before,
			       &round);
	}
	vs_count_down(&waiting);
	return is_free;
}

void vs_stack_release(const stack_t *stack)
{
	size_t at = (size_t)((unsigned char *)stack->ss_sp - pool[0]);

	atomic_store(&claimed[at / STACK_SIZE], 0);
	atomic_fetch_add(&released, 1);
	if (vs_unlikely(atomic_load(&waiting)))
		vs_sys(SYS_futex, &released, FUTEX_WAKE_PRIVATE, 1);
}

void vs_stack_reset(void)
{
	waiting = 0;
	for (int i = 0; i < STACKS; i++)
		claimed[i] = 0;
}
