/* SPDX-License-Identifier: MIT
 *
 * Which system calls the speculative child may make. What is not known to
 * affect this child alone rolls the transaction back before it is made, so
 * that there is never anything to undo. Numbers not listed: rolled back.
 */
#include <errno.h>
#include <linux/futex.h>
#include <stddef.h>
#include <sys/prctl.h>
#include <sys/resource.h>

#include "port.h"
#include "txn/child/internal.h"

/* See call.def. */
enum { ROLL, DO, FDS, MEMORY, SIGNALS, OTHER, EXEC, CLASSES = 0xf };
#define PATH(n)	     (DO | ((n) + 1) << 4)
#define BUFFER(n, m) (DO | ((n) + 1) << 7 | (m) << 10)
#define SELF(n)	     (DO | ((n) + 1) << 13)
#define FD	     (DO | SELF_IS_FD << 13)
enum { SELF_IS_FD = 7 };

static const uint16_t how[] = {
#define CALL(name, what) [SYS_##name] = (what),
#include "txn/child/call.def"
#undef CALL
};

/* Structs that system calls take or return are smaller than this. */
enum { STRUCT = 512 };

bool vs_child_looked;

static long prctl_call(long args[6])
{
	vs_pages_want((uintptr_t)args[1], STRUCT);
	switch (args[0]) {
	case PR_SET_PDEATHSIG:
	case PR_GET_PDEATHSIG:
	case PR_SET_NAME:
	case PR_GET_NAME:
	case PR_SET_KEEPCAPS:
	case PR_GET_KEEPCAPS:
	case PR_SET_DUMPABLE:
	case PR_GET_DUMPABLE:
	case PR_SET_NO_NEW_PRIVS:
	case PR_GET_NO_NEW_PRIVS:
	case PR_SET_SECUREBITS:
	case PR_GET_SECUREBITS:
	case PR_CAPBSET_READ:
	case PR_CAPBSET_DROP:
	case PR_CAP_AMBIENT:
	case PR_SET_TIMERSLACK:
	case PR_GET_TIMERSLACK:
	case PR_GET_SECCOMP:
		return vs_sys(SYS_prctl, args[0], args[1], args[2], args[3],
			      args[4]);
	default:
		vs_child_rollback(VS_WHY_SYSCALL, SYS_prctl);
	}
}

static long other_call(long nr, long args[6])
{
	switch (nr) {
	case SYS_chroot:
		/* What it has made it must be able to find again. */
		if (vs_open_made_files())
			break;
		vs_fds_want_path(nr, (const char *)args[0]);
		return vs_sys(nr, args[0]);
	case SYS_prctl:
		return prctl_call(args);
	case SYS_setpriority:
		if (args[0] == PRIO_PROCESS &&
		    (!args[1] || args[1] == vs_sys(SYS_getpid)))
			return vs_sys(nr, args[0], args[1], args[2]);
		break;
	case SYS_futex:
		/* Nobody else is in this memory: nobody to be woken. */
		if (args[1] == (FUTEX_WAKE | FUTEX_PRIVATE_FLAG))
			return vs_sys(nr, args[0], args[1], args[2]);
		break;
	}
	vs_child_rollback(VS_WHY_SYSCALL, nr);
}

/* Fill what the call will read or write. The kernel cannot take a fault for
 * us: it would say EFAULT, or stop half way. */
static void fill_arguments(unsigned spec, long nr, const long args[6])
{
	unsigned path = spec >> 4 & 7, buffer = spec >> 7 & 7;

	for (int i = 0; i < 6; i++)
		vs_pages_want((uintptr_t)args[i], STRUCT);
	if (path) {
		vs_fds_want_path(nr, (const char *)args[path - 1]);
		vs_child_looked = true;
	}
	if (buffer)
		vs_pages_want((uintptr_t)args[buffer - 1],
			      (uintptr_t)args[spec >> 10 & 7]);
}

static long plain_call(unsigned spec, long nr, const long args[6])
{
	unsigned self = spec >> 13 & 7;
	long first = args[0];

	if (self == SELF_IS_FD)
		first = vs_fds_shown(first);
	else if (self && args[self - 1] && args[self - 1] != vs_sys(SYS_getpid))
		vs_child_rollback(VS_WHY_SYSCALL, nr);
	fill_arguments(spec, nr, args);
	return vs_syscall6(nr, first, args[1], args[2], args[3], args[4],
			   args[5]);
}

static long signal_call(long nr, const long args[6])
{
	switch (nr) {
	case SYS_rt_sigprocmask:
		return vs_signals_procmask(args);
	case SYS_rt_sigaction:
		return vs_signals_action(args);
	default:
		return vs_signals_altstack(args);
	}
}

static long classified(long nr, long args[6])
{
	unsigned spec = ROLL;

	if (nr >= 0 && nr < (long)(sizeof(how) / sizeof(*how)))
		spec = how[nr];
	switch (spec & CLASSES) {
	case DO:
		return plain_call(spec, nr, args);
	case FDS:
		return vs_fds_syscall(nr, args);
	case MEMORY:
		return vs_memory_syscall(nr, args);
	case SIGNALS:
		return signal_call(nr, args);
	case OTHER:
		return other_call(nr, args);
	case EXEC:
		return vs_child_exec(nr, args);
	default:
		vs_child_rollback(VS_WHY_SYSCALL, nr);
	}
}

/* What the kernel could not reach may be where we have left a hole, or made
 * memory read-only. */
static bool may_be_our_fault(const long args[6])
{
	for (int i = 0; i < 6; i++) {
		if (vs_pages_in_hole((uintptr_t)args[i], 1) ||
		    vs_pages_public((uintptr_t)args[i], 1))
			return true;
	}
	return false;
}

long vs_txn_syscall(long nr, long args[6])
{
	long r;

	vs_child_in_call = true;
	r = classified(nr, args);
	if (vs_unlikely(r == -EFAULT && may_be_our_fault(args)))
		vs_child_rollback(VS_WHY_SYSCALL, nr);
	/* The descriptor that is missing may be our own. */
	if (vs_unlikely(r == -EMFILE))
		vs_child_rollback(VS_WHY_NO_RESOURCE, 0);
	vs_child_in_call = false;
	return r;
}
