/* SPDX-License-Identifier: MIT
 *
 * The transactional fork, as its parent sees it. The thread calls libc's real
 * fork() with Syscall User Dispatch on; libc runs its atfork handlers, takes
 * its locks and issues clone, which traps into vs_txn_on_sigsys(). There:
 *
 *   1. the big mappings are marked MADV_DONTFORK (txn_marks.c);
 *   2. clone is issued with CLONE_VFORK, so that this thread sleeps, and with
 *      exit signal 0: until it execs, when the kernel makes that SIGCHLD, the
 *      child is invisible to wait() and raises no signal;
 *   3. the child goes on into libc and the application, supervised
 *      (txn_child.c), until it execs: committed; or is about to do what others
 *      could see, or dies: rolled back, and nothing has happened;
 *   4. awake again, this thread unmarks the memory, and after a rollback
 *      issues the clone that libc asked for.
 *
 * All signals but SIGSYS are blocked meanwhile, for the same reason as in the
 * child (txn_signals.c), and the mask is virtual. Everything from the trap on
 * runs on a stack of our own: the application's may be a small coroutine's.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <stddef.h>
#include <sys/mman.h>
#include <sys/wait.h>

#include "dispatch.h"
#include "gate.h"
#include "port.h"
#include "sigsys.h"
#include "site.h"
#include "txn.h"

struct vs_txn vs_txn = {.mem = -1};

/* One call of vs_txn_fork(), on its caller's stack. */
struct call {
	uint64_t mask; /* the application's, as its fork handlers see it */
	stack_t altstack;
	bool tried;	/* the clone has come */
	bool abandoned; /* dispatch is off already, the gate is ours */
	struct vs_txn_outcome *outcome;
	struct vs_site *site;
};

static __thread struct call *calling __attribute__((tls_model("initial-exec")));

bool vs_txn_under_way(void)
{
	return calling != NULL;
}

/* ---- the clone ---- */

static long clone_as_asked(const long args[6])
{
	long pid;

	vs_gate_enter_true_fork();
	vs_marks_sweep_if_needed();
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

/* Exec took hold if the child is not dead while it still has exit signal 0,
 * which only __WCLONE sees. */
static bool committed(long pid)
{
	siginfo_t info = {.si_signo = 0};

	if (atomic_load(&vs_txn.shared->state) != VS_TXN_EXEC)
		return false;
	info.si_pid = 0;
	return vs_sys(SYS_waitid, P_PID, pid, &info,
		      WEXITED | WNOHANG | WNOWAIT | __WCLONE, NULL) ||
	       info.si_pid == 0;
}

static void account_rollback(long pid)
{
	int status;

	while (vs_sys(SYS_wait4, pid, &status, __WCLONE, NULL) == -EINTR)
		;
	if (atomic_load(&vs_txn.shared->state) == VS_TXN_ROLL)
		vs_stats_rollback((enum vs_reason)vs_txn.shared->why,
				  vs_txn.shared->detail);
	else
		vs_stats_rollback(VS_WHY_KILLED, 0);
	vs_site_rolled_back(calling->site);
}

/* The pid of a committed child, 0 in the speculative child, else -1. */
static long clone_supervised(const long args[6])
{
	long flags = args[VS_CLONE_FLAGS], pid, mine[6];

	for (int i = 0; i < 6; i++)
		mine[i] = args[i];
	mine[VS_CLONE_FLAGS] = (flags & ~(long)CSIGNAL) | CLONE_VFORK;
	atomic_store(&vs_txn.shared->state, VS_TXN_RUN);
	pid = vs_sys(SYS_clone, mine[0], mine[1], mine[2], mine[3], mine[4]);
	if (pid == 0) {
		vs_child_start(calling->mask, vs_sigsys_shadow(),
			       &calling->altstack);
		return 0;
	}
	if (pid > 0 && committed(pid)) {
		calling->outcome->committed = true;
		vs_site_committed(calling->site);
		return pid;
	}
	calling->outcome->why_native = VS_WHY_NONE;
	if (pid > 0)
		account_rollback(pid);
	else
		calling->outcome->why_native = VS_WHY_NO_RESOURCE;
	return -1;
}

static long transact(const long args[6], uintptr_t sp)
{
	long pid = -1;

	if (!vs_gate_enter_txn()) {
		calling->outcome->why_native = VS_WHY_BUSY;
		return clone_as_asked(args);
	}
	vs_txn.site = calling->site;
	vs_txn.mem = open_memory();
	calling->outcome->why_native = VS_WHY_NO_RESOURCE;
	if (vs_txn.mem >= 0 && vs_marks_set(&vs_txn, sp) == 0) {
		pid = clone_supervised(args);
		if (pid == 0)
			return 0;
		vs_marks_clear(&vs_txn);
	}
	if (vs_txn.mem >= 0)
		vs_sys(SYS_close, vs_txn.mem);
	vs_txn.mem = -1;
	vs_gate_leave_txn();
	return pid > 0 ? pid : clone_as_asked(args);
}

/* ---- the trap, in the parent ---- */

static uint64_t real_mask(void)
{
	return VS_ALL_SIGNALS & ~VS_SIGBIT(SIGSYS);
}

/* What we cannot make on the application's behalf (a clone onto another
 * stack, an exec): from here on this fork is a native one. */
static void abandon(ucontext_t *uc)
{
	vs_dispatch_off();
	vs_gate_enter_true_fork();
	calling->abandoned = true;
	calling->outcome->why_native = VS_WHY_NESTED;
	*(uint64_t *)&uc->uc_sigmask = calling->mask;
	vs_ctx_again(uc);
}

static long parent_procmask(const long args[6])
{
	uint64_t before = calling->mask;
	int r = 0;

	if (args[1])
		r = vs_signals_edit(&calling->mask, args[0],
				    *(const uint64_t *)args[1]);
	if (!r && args[2])
		*(uint64_t *)args[2] = before;
	return r;
}

static bool is_fork(long nr, const long args[6])
{
#ifdef SYS_fork
	if (nr == SYS_fork)
		return true;
#endif
	return nr == SYS_clone && !(args[VS_CLONE_FLAGS] & CLONE_VM) &&
	       !args[VS_CLONE_STACK];
}

static bool is_beyond_us(long nr)
{
#ifdef SYS_vfork
	if (nr == SYS_vfork)
		return true;
#endif
	return nr == SYS_clone || nr == SYS_clone3 || nr == SYS_execve ||
	       nr == SYS_execveat || nr == SYS_prctl || nr == SYS_sigaltstack;
}

static void fork_call(long nr, long args[6], ucontext_t *uc)
{
	bool first = !calling->tried;
	long r;

	if (nr != SYS_clone) {
		for (int i = 0; i < 6; i++)
			args[i] = 0;
		args[VS_CLONE_FLAGS] = SIGCHLD;
	}
	calling->tried = true;
	r = first ? transact(args, vs_ctx_sp(uc)) : clone_as_asked(args);
	if (vs_speculative)
		*(uint64_t *)&uc->uc_sigmask = vs_signals_real_mask();
	vs_ctx_result(uc, r);
}

static void parent_trap(long nr, long args[6], ucontext_t *uc)
{
	long r;

	if (nr == SYS_rt_sigreturn)
		vs_signals_sigreturn(uc, &calling->mask, real_mask());
	if (is_fork(nr, args)) {
		fork_call(nr, args, uc);
		return;
	}
	if (is_beyond_us(nr)) {
		abandon(uc);
		return;
	}
	if (nr == SYS_rt_sigprocmask && args[3] == VS_KSIGSET_SIZE)
		r = parent_procmask(args);
	else if (nr == SYS_rt_sigaction && args[0] == SIGSYS &&
		 vs_sigsys_action((const void *)args[1], (void *)args[2]))
		r = 0;
	else
		r = vs_syscall6(nr, args[0], args[1], args[2], args[3], args[4],
				args[5]);
	vs_ctx_result(uc, r);
}

static void child_trap(long nr, long args[6], ucontext_t *uc)
{
	if (nr == SYS_rt_sigreturn)
		vs_child_sigreturn(uc);
	vs_ctx_result(uc, vs_txn_syscall(nr, args));
}

/* linux/signal.h: of force_sigsys() in kernel/entry/syscall_user_dispatch.c */
#ifndef SYS_USER_DISPATCH
#	define SYS_USER_DISPATCH 2
#endif

void vs_txn_on_sigsys(int sig, siginfo_t *info, void *context)
{
	ucontext_t *uc = context;
	long args[6];

	if (info->si_code != SYS_USER_DISPATCH) {
		if (vs_speculative)
			vs_child_rollback(info->si_code == SI_TIMER
						  ? VS_WHY_TIMEOUT
						  : VS_WHY_CRASH,
					  sig);
		vs_sigsys_forward(sig, info, context);
		return;
	}
	vs_ctx_args(uc, args);
	if (vs_speculative)
		child_trap(vs_ctx_nr(uc), args, uc);
	else
		parent_trap(vs_ctx_nr(uc), args, uc);
}

/* ---- the call ---- */

static bool have_shared(void)
{
	long r;

	if (vs_txn.shared)
		return true;
	r = vs_sys(SYS_mmap, 0, sizeof(*vs_txn.shared), PROT_READ | PROT_WRITE,
		   MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (r < 0 && r > -4096)
		return false;
	vs_txn.shared = (struct vs_txn_shared *)r;
	return true;
}

void vs_txn_after_true_fork(void)
{
	if (vs_txn.shared)
		vs_sys(SYS_munmap, vs_txn.shared, sizeof(*vs_txn.shared));
	vs_txn.shared = NULL;
	vs_txn.mem = -1;
	calling = NULL;
	vs_stack_reset();
	vs_sigsys_reset();
	vs_txn_able_reset();
}

static void set_mask(uint64_t mask, uint64_t *old)
{
	vs_sys(SYS_rt_sigprocmask, SIG_SETMASK, &mask, old, VS_KSIGSET_SIZE);
}

/* All that the thread needs before dispatch can be on. */
static bool enter(struct call *call, stack_t *stack)
{
	call->outcome->why_native = VS_WHY_NO_RESOURCE;
	if (!have_shared() || !vs_stack_claim(stack))
		return false;
	set_mask(real_mask(), &call->mask);
	if (vs_sys(SYS_sigaltstack, stack, &call->altstack)) {
		call->outcome->why_native = VS_WHY_ALT_STACK;
		set_mask(call->mask, NULL);
		vs_stack_release(stack);
		return false;
	}
	vs_sigsys_install();
	calling = call;
	return true;
}

static void leave(struct call *call, const stack_t *stack)
{
	if (call->abandoned)
		vs_gate_leave_true_fork();
	else
		vs_dispatch_off();
	calling = NULL;
	vs_sigsys_remove();
	vs_sys(SYS_sigaltstack, &call->altstack, NULL);
	vs_stack_release(stack);
	if (!call->abandoned)
		set_mask(call->mask, NULL);
}

/* Dispatch is not inherited; all else is. */
static void leave_in_true_child(struct call *call)
{
	vs_after_true_fork();
	vs_sys(SYS_sigaltstack, &call->altstack, NULL);
	if (!call->abandoned)
		set_mask(call->mask, NULL);
}

pid_t vs_txn_fork(pid_t (*real)(void), struct vs_site *site,
		  struct vs_txn_outcome *outcome)
{
	struct call call = {.outcome = outcome, .site = site};
	stack_t stack;
	pid_t pid;

	if (!enter(&call, &stack))
		return vs_native_fork(real);
	if (vs_dispatch_on()) {
		leave(&call, &stack);
		outcome->why_native = VS_WHY_REFUSED;
		return vs_native_fork(real);
	}
	pid = real();
	if (vs_speculative)
		return pid;
	if (pid == 0)
		leave_in_true_child(&call);
	else
		leave(&call, &stack);
	return pid;
}
