/* SPDX-License-Identifier: MIT
 * The transactional fork: the clone itself, commit and rollback, in the
 * parent. Runs in the handler of SIGSYS: raw system calls only. */
#include <errno.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <stddef.h>
#include <sys/wait.h>

#include "memory/gate.h"
#include "port.h"
#include "txn/sigsys.h"
#include "txn/site.h"
#include "txn/internal.h"

struct vs_txn vs_txn = {.mem = -1};

long vs_txn_clone_as_asked(const long args[6])
{
	long pid;

	vs_gate_enter_true_fork();
	pid = vs_sys(SYS_clone, args[0], args[1], args[2], args[3], args[4]);
	if (pid)
		vs_gate_leave_true_fork();
	return pid;
}

/* Out of the way of the lowest free descriptors, and still in the smallest
 * table that the kernel allocates (128) for most programs. */
enum { HIGH_FD = 100 };

static int open_memory(void)
{
	long low = vs_sys(SYS_openat, AT_FDCWD, "/proc/self/mem",
			  O_RDONLY | O_CLOEXEC);
	long high;

	if (low < 0)
		return (int)low;
	high = vs_sys(SYS_fcntl, low, F_DUPFD_CLOEXEC, HIGH_FD);
	if (high == -EINVAL) /* RLIMIT_NOFILE is lower */
		high = vs_sys(SYS_fcntl, low, F_DUPFD_CLOEXEC, low + 1);
	vs_sys(SYS_close, low);
	return (int)high;
}

/*
 * The child has exec'd or is dying. Exec makes its exit signal SIGCHLD before
 * it wakes us, and then __WCLONE does not find it: committed. A child that was
 * killed, even in the last moment before that, is found, and waited for: it
 * wakes us before it is a zombie.
 */
static bool committed(long pid)
{
	int status;
	long r;

	do
		r = vs_sys(SYS_wait4, pid, &status, __WCLONE, NULL);
	while (r == -EINTR);
	return r != pid && vs_txn.shared->state == VS_TXN_EXEC;
}

static void account_rollback(void)
{
	if (vs_txn.shared->state == VS_TXN_ROLL)
		vs_stats_rollback((enum vs_reason)vs_txn.shared->why,
				  vs_txn.shared->detail);
	else
		vs_stats_rollback(VS_WHY_KILLED, 0);
	vs_site_rolled_back(vs_txn_calling->site);
}

/* The pid of a committed child, 0 in the speculative child, else -1. */
static long clone_supervised(const long args[6])
{
	long flags = args[VS_CLONE_FLAGS], pid, mine[6];

	for (int i = 0; i < 6; i++)
		mine[i] = args[i];
	mine[VS_CLONE_FLAGS] = (flags & ~(long)CSIGNAL) | CLONE_VFORK;
	atomic_store(&vs_txn.shared->state, VS_TXN_RUN);
	vs_txn.shared->left.count = 0;
	pid = vs_sys(SYS_clone, mine[0], mine[1], mine[2], mine[3], mine[4]);
	if (pid == 0) {
		vs_child_start(vs_txn_calling->mask, vs_sigsys_shadow(),
			       &vs_txn_calling->altstack);
		return 0;
	}
	if (pid < 0)
		return -1;
	vs_txn_calling->outcome->why_native = VS_WHY_NONE;
	if (committed(pid)) {
		vs_txn_calling->outcome->committed = true;
		vs_site_committed(vs_txn_calling->site);
		return pid;
	}
	account_rollback();
	return -1;
}

long vs_txn_clone(const long args[6], uintptr_t sp)
{
	struct vs_left_signals left;
	long pid = -1;

	if (!vs_gate_enter_txn()) {
		vs_txn_calling->outcome->why_native = VS_WHY_BUSY;
		return vs_txn_clone_as_asked(args);
	}
	vs_txn.site = vs_txn_calling->site;
	vs_txn.mem = open_memory();
	vs_txn_calling->outcome->why_native =
		vs_txn.mem == -EACCES ? VS_WHY_UNDUMPABLE : VS_WHY_NO_RESOURCE;
	left.count = 0;
	if (vs_txn.mem >= 0 && vs_marks_set(&vs_txn, sp) == 0) {
		pid = clone_supervised(args);
		if (pid == 0)
			return 0;
		vs_marks_clear(&vs_txn);
		left = vs_txn.shared->left;
	}
	if (vs_txn.mem >= 0)
		vs_sys(SYS_close, vs_txn.mem);
	vs_txn.mem = -1;
	vs_gate_leave_txn();
	if (pid > 0)
		return pid;
	pid = vs_txn_clone_as_asked(args);
	if (pid == 0)
		vs_signals_inherit(&left);
	return pid;
}
