/* SPDX-License-Identifier: MIT
 *
 * A seccomp filter of which it is not known whether the program has loaded it
 * itself, by a system call that we do not see, or was started under it, like a
 * service of systemd's: the former may kill for what the program never does,
 * the latter rarely refuses anything that is needed here. So a copy of the
 * process tries. It is a full one, because a core dump of one that shared
 * memory would end the process as well (until Linux 5.16). Once per process,
 * and only if it has more filters than its parent.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/futex.h>
#include <signal.h>
#include <stddef.h>
#include <sys/resource.h>
#include <sys/wait.h>

#include "base/compiler.h"
#include "kernel/dispatch.h"
#include "kernel/ksignal.h"
#include "kernel/sigmask.h"
#include "kernel/unharmed/read_self.h"
#include "kernel/sys.h"
#include "kernel/task/hidden_usage.h"
#include "memory/gate.h"
#include "txn/able/able.h"

/* What parent and child need that libc's fork and exec do not, with arguments
 * that do nothing. */
struct call {
	short nr;
	long args[4];
};

/* These succeed. */
static const struct call granted[] = {
	{SYS_prctl, {VS_PR_SET_SYSCALL_USER_DISPATCH, 0, 0, 0}},
	{SYS_madvise, {0, 0, MADV_DOFORK, 0}},
	{SYS_mprotect, {0, 0, 0, 0}},
	{SYS_rt_sigaction, {SIGSYS, 0, 0, VS_KSIGSET_SIZE}},
	{SYS_sigaltstack, {0, 0, 0, 0}},
};

/* For these the kernel has an error, which a filter may have, too. */
static const struct call needed[] = {
	{SYS_readlinkat, {-1, 0, 0, 0}},
	{SYS_fcntl, {-1, F_DUPFD_CLOEXEC, 0, 0}},
	{SYS_mmap, {0, 0, 0, 0}},
	{SYS_munmap, {0, 0, 0, 0}},
	{SYS_ioctl, {-1, 0, 0, 0}},
	{SYS_pread64, {-1, 0, 0, 0}},
	{SYS_close, {-1, 0, 0, 0}},
	{SYS_rt_sigpending, {0, 0, 0, 0}},
	{SYS_rt_sigtimedwait, {0, 0, 0, 0}},
	{SYS_rt_sigqueueinfo, {0, 0, 0, 0}},
	{SYS_set_robust_list, {0, 0, 0, 0}},
	{SYS_futex, {0, FUTEX_WAKE, 0, 0}},
	{SYS_wait4, {-1, 0, WNOHANG, 0}},
	{SYS_waitid, {P_ALL, 0, 0, 0}},
	{SYS_kill, {0, -1, 0, 0}},
	{SYS_statfs, {0, 0, 0, 0}},
	{SYS_fstatfs, {-1, 0, 0, 0}},
	{SYS_statx, {-1, 0, 0, 0}},
	{SYS_getdents64, {-1, 0, 0, 0}},
	{SYS_clock_gettime, {-1, 0, 0, 0}},
	{SYS_getrusage, {-1, 0, 0, 0}},
	{SYS_gettid, {0, 0, 0, 0}},
};

/* What is needed rarely, and done without where it is refused: but it may be
 * what a filter kills for. See calls/ids.c and deferred.c. */
static const struct call rare[] = {
	{SYS_timer_create, {-1, 0, 0, 0}}, {SYS_timer_settime, {-1, 0, 0, 0}},
	{SYS_capget, {0, 0, 0, 0}},	   {SYS_getresuid, {0, 0, 0, 0}},
	{SYS_kcmp, {-1, -1, 0, 0}},	   {SYS_getppid, {0, 0, 0, 0}},
	{SYS_getsid, {-1, 0, 0, 0}},
};

/* See kernel/unharmed/read_self.h: no process, and nothing to be read. */
static const struct call reading[] = {
	{SYS_process_vm_readv, {-1, 0, 0, 0}},
	{SYS_madvise, {0, 0, VS_POPULATE_READ, 0}},
};

/* Whether one is refused. */
static bool try_each(const struct call *calls, unsigned n, bool succeed)
{
	bool refused = false;
	long r;

	for (unsigned i = 0; i < n; i++) {
		const long *a = calls[i].args;

		r = vs_sys(calls[i].nr, a[0], a[1], a[2], a[3]);
		refused |= r == -ENOSYS || r == -EPERM || r == -EACCES ||
			   (r < 0 && succeed);
	}
	return refused;
}

/* With its own default action for SIGSYS, and no core. */
static _Noreturn void try_all(enum vs_filter_what what)
{
	static const struct vs_ksigaction dfl;
	struct rlimit none = {0, 0};
	bool refused = vs_sys(SYS_prlimit64, 0, RLIMIT_CORE, &none, NULL) != 0;
	uint64_t sigsys = VS_SIGBIT(SIGSYS);

	vs_sigaction(SIGSYS, &dfl, NULL);
	vs_sys(SYS_rt_sigprocmask, SIG_UNBLOCK, &sigsys, NULL, VS_KSIGSET_SIZE);
	if (what == VS_FILTER_ALL) {
		try_each(rare, VS_COUNT(rare), false);
		refused |= try_each(granted, VS_COUNT(granted), true);
		refused |= try_each(needed, VS_COUNT(needed), false);
	} else {
		refused |= try_each(reading, VS_COUNT(reading), false);
	}
	for (;;)
		vs_sys(SYS_exit_group, refused);
}

bool vs_filter_allows(enum vs_filter_what what)
{
	struct rusage usage;
	vs_sigset old;
	int status = -1;
	long pid, r;

	vs_block_all(&old);
	vs_gate_enter_native();
	pid = vs_sys(SYS_clone, 0, 0, 0, 0, 0);
	if (!pid)
		try_all(what);
	vs_gate_leave_native();
	do
		r = pid < 0 ? -1
			    : vs_sys(SYS_wait4, pid, &status, __WCLONE, &usage);
	while (r == -EINTR);
	vs_unblock(&old);
	if (r == pid)
		vs_hidden_usage_add(&usage);
	return r == pid && !status;
}
