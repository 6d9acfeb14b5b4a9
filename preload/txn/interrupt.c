/* SPDX-License-Identifier: MIT
 *
 * What a signal would have interrupted, in the parent between fork()'s
 * beginning and its end, where all are blocked: whoever has a lock that a fork
 * handler waits for may itself be waiting until this thread has handled one, as
 * a garbage collector that stops all threads.
 */
#include <errno.h>
#include <linux/futex.h>
#include <stddef.h>
#include <time.h>

#include "kernel/sys.h"
#include "txn/able/able.h"
#include "txn/internal.h"

bool vs_txn_has_signal(void)
{
	static const uint64_t nothing = VS_SIGBIT(SIGCHLD) | VS_SIGBIT(SIGURG) |
					VS_SIGBIT(SIGWINCH) |
					VS_SIGBIT(SIGCONT);
	uint64_t pending = 0, own = vs_txn_held.mask;

	vs_sys(SYS_rt_sigpending, &pending, VS_KSIGSET_SIZE);
	pending &= ~(own | VS_SIGBIT(SIGSYS));
	return pending & (~nothing | vs_txn_handled());
}

long vs_txn_wait_for_lock(const long args[6])
{
	const struct timespec look = {.tv_nsec = 10000000};
	long op = FUTEX_WAIT | (args[1] & FUTEX_PRIVATE_FLAG), r;

	do
		r = vs_sys(SYS_futex, args[0], op, args[2], &look);
	while (r == -ETIMEDOUT && !vs_txn_has_signal());
	return r;
}

bool vs_txn_waits_for_lock(long nr, const long args[6])
{
	long op = args[1] & FUTEX_CMD_MASK;

#ifdef SYS_futex_time64
	if (nr == SYS_futex_time64)
		nr = SYS_futex;
#endif
	return nr == SYS_futex && !args[3] &&
	       (op == FUTEX_WAIT ||
		(op == FUTEX_WAIT_BITSET &&
		 (uint32_t)args[5] == FUTEX_BITSET_MATCH_ANY));
}
