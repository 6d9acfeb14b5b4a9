/* SPDX-License-Identifier: MIT
 * The clone itself, commit and rollback, in the parent. Runs in the handler of
 * SIGSYS: raw system calls only. */
#include <errno.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <stddef.h>
#include <sys/wait.h>

#include "memory/gate.h"
#include "txn/child/child.h"
#include "txn/internal.h"
#include "txn/site.h"

long vs_txn_clone_as_asked(const long args[6])
{
	long pid;

	vs_gate_enter_native();
	pid = vs_sys(SYS_clone, args[0], args[1], args[2], args[3], args[4]);
	if (pid)
		vs_gate_leave_native();
	return pid;
}

/* Out of the way of the lowest free descriptors, and still in the smallest
 * table that the kernel allocates for most programs (BITS_PER_LONG, then 256;
 * sane_fdtable_size() in fs/file.c). */
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
 * Whether the child, which has exec'd or is dying, has been committed. Exec
 * makes its exit signal SIGCHLD before it wakes us (de_thread() in fs/exec.c),
 * and then __WCLONE does not find it. A child that was killed, even in the last
 * moment before that, is found, and waited for: it wakes us before it is a
 * zombie.
 */
static bool committed(long pid)
{
	int status;
	long r;

	do
		r = vs_sys(SYS_wait4, pid, &status, __WCLONE, NULL);
	while (r == -EINTR);
	return r != pid && vs_txn.page->phase == VS_TXN_EXEC;
}

/* The child has said why, unless somebody has killed it. */
static void rolled_back(struct vs_txn_call *call)
{
	call->verdict->why = VS_WHY_UNDONE;
	call->verdict->undone = VS_UNDONE_KILLED;
	if (vs_txn.page->phase == VS_TXN_ROLL) {
		call->verdict->undone = vs_txn.page->undone;
		call->verdict->detail = vs_txn.page->detail;
	}
	vs_site_rolled_back(call->site);
}

/* The pid of a committed child, 0 in the speculative child, else -1. */
static long clone_supervised(struct vs_txn_call *call, const long args[6])
{
	long mine[6], pid;

	for (int i = 0; i < 6; i++)
		mine[i] = args[i];
	mine[VS_CLONE_FLAGS] &= ~(long)CSIGNAL;
	mine[VS_CLONE_FLAGS] |= CLONE_VFORK;
	atomic_store(&vs_txn.page->phase, VS_TXN_RUN);
	vs_txn.page->left.count = 0;
	pid = vs_sys(SYS_clone, mine[0], mine[1], mine[2], mine[3], mine[4]);
	if (pid == 0) {
		vs_child_start(call->mask, vs_sigsys_shadow(), &call->altstack,
			       call->on_sigsys);
		return 0;
	}
	if (pid < 0)
		return -1;
	if (!committed(pid)) {
		rolled_back(call);
		return -1;
	}
	call->verdict->engine = VS_TXN;
	call->verdict->why = VS_WHY_NONE;
	vs_site_committed(call->site);
	return pid;
}

/* The same, with memory marked around it. */
static long clone_marked(struct vs_txn_call *call, const long args[6],
			 uintptr_t sp)
{
	long pid = -1;

	vs_txn.site = call->site;
	vs_txn.mem_fd = open_memory();
	if (vs_txn.mem_fd < 0) {
		if (vs_txn.mem_fd == -EACCES)
			call->verdict->why = VS_WHY_UNDUMPABLE;
		return -1;
	}
	if (vs_exclude(&vs_txn, sp) == 0) {
		pid = clone_supervised(call, args);
		if (pid == 0)
			return 0;
		vs_exclude_undo(&vs_txn);
	}
	vs_sys(SYS_close, vs_txn.mem_fd);
	vs_txn.mem_fd = -1;
	return pid;
}

/* Passes on to the child of a native fork what others have sent to the one that
 * was rolled back: a ^C reaches whoever is in the group at that time, once. */
static void inherit(const struct vs_left_signals *left)
{
	long self = vs_sys(SYS_getpid);

	for (int i = 0; i < left->count; i++)
		vs_sys(SYS_rt_sigqueueinfo, self, left->info[i].si_signo,
		       &left->info[i]);
}

long vs_txn_clone(const long args[6], uintptr_t sp)
{
	struct vs_txn_call *call = vs_txn_calling;
	struct vs_left_signals left;
	long pid;

	call->verdict->why = VS_WHY_BUSY;
	if (!vs_gate_enter_txn())
		return vs_txn_clone_as_asked(args);
	call->verdict->why = VS_WHY_NO_RESOURCE;
	vs_txn.page->left.count = 0;
	pid = clone_marked(call, args, sp);
	if (pid == 0)
		return 0;
	left = vs_txn.page->left;
	vs_gate_leave_txn();
	if (pid > 0)
		return pid;
	pid = vs_txn_clone_as_asked(args);
	if (pid == 0)
		inherit(&left);
	return pid;
}
