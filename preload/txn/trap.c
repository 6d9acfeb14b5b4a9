/* SPDX-License-Identifier: MIT
 * System calls that trap, in the parent between fork()'s beginning and its end,
 * and in the speculative child. */
#include <errno.h>
#include <stddef.h>

#include "base/child_kind.h"
#include "kernel/dispatch.h"
#include "kernel/point.h"
#include "kernel/sys.h"
#include "kernel/task/aside.h"
#include "memory/gate.h"
#include "txn/calls/calls.h"
#include "txn/child/child.h"
#include "txn/internal.h"
#include "txn/handler/sigsys.h"
#include "txn/record/virtual_mask.h"

/* Not for a handler of SIGSYS of the program's, which runs on our stack, and
 * perhaps while the clone is under way: then what is given up has to wait. */
static bool is_left(const ucontext_t *uc)
{
	uintptr_t sp = vs_ctx_sp(uc);

	return sp - (uintptr_t)vs_txn_held.stack.ss_sp >=
		       vs_txn_held.stack.ss_size &&
	       vs_txn_left(sp);
}

/* What we cannot make on the application's behalf (a clone onto another
 * stack, an exec, a call that a signal is to interrupt): from here on this fork
 * is a native one, and what is made finds the mask and the action of SIGSYS
 * that are the program's. */
static void abandon(ucontext_t *uc)
{
	vs_dispatch_off();
	vs_sigsys_remove();
	vs_gate_enter_native_at(vs_ctx_sp(uc));
	vs_txn_held.abandoned = true;
	if (!is_left(uc))
		vs_txn_calling->verdict->why = VS_WHY_NESTED;
	vs_set_mask(uc, vs_txn_held.mask);
	vs_ctx_again(uc);
}

static long parent_procmask(const long args[6])
{
	uint64_t before = vs_txn_held.mask;
	int r = 0;

	if (args[1])
		r = vs_virtual_mask_edit(&vs_txn_held.mask, (int)args[0],
					 *(const uint64_t *)args[1]);
	if (!r && args[2])
		*(uint64_t *)args[2] = before;
	return r;
}

/* Our handler is installed. */
static long parent_sigsys(const long args[6])
{
	const struct vs_ksigaction *act = (const void *)args[1];
	struct vs_ksigaction new, before, *old = (void *)args[2], *shadow;
	vs_sigset mask;

	if (act)
		new = *act;
	shadow = vs_sigsys_hold(&mask);
	before = *shadow;
	if (act)
		*shadow = new;
	vs_sigsys_release(&mask);
	if (old)
		*old = before;
	return 0;
}

/* From a handler of the application's that has run here: for a fault of a fork
 * handler, or because somebody has sent such a signal. The kernel has kept the
 * real mask for it; what is another in its frame now it has changed itself. */
static _Noreturn void parent_sigreturn(ucontext_t *uc)
{
	uint64_t *mask = &vs_txn_held.mask;
	ucontext_t *frame = vs_ctx_sigframe(uc);
	uint64_t own = vs_get_mask(frame);
	uint64_t changed = own ^ vs_txn_real_mask();

	*mask = (*mask & ~changed) | (own & changed);
	vs_set_mask(frame, *mask);
	vs_virtual_sigreturn(uc, mask, vs_txn_real_mask());
}

static bool is_beyond_us(long nr)
{
#ifdef SYS_vfork
	if (nr == SYS_vfork)
		return true;
#endif
#ifdef SYS_sigreturn
	if (nr == SYS_sigreturn)
		return true;
#endif
	return nr == SYS_clone || nr == SYS_clone3 || nr == SYS_execve ||
	       nr == SYS_execveat || nr == SYS_prctl || nr == SYS_sigaltstack;
}

static void fork_call(long nr, long args[6], ucontext_t *uc)
{
	bool first = !vs_txn_calling->tried;
	long r;

	if (nr != SYS_clone) {
		for (int i = 0; i < 6; i++)
			args[i] = 0;
		args[VS_CLONE_FLAGS] = SIGCHLD;
	}
	vs_txn_calling->tried = true;
	vs_txn_held.cloning = true;
	r = first ? vs_txn_clone(args, vs_ctx_sp(uc))
		  : vs_txn_clone_as_asked(args);
	vs_txn_held.cloning = false;
	/* Nobody watches what a native child does to its mask: glibc's _Fork()
	 * blocks all signals around the clone since 2.41, and puts back there
	 * what was before. */
	if (vs_speculative)
		vs_set_mask(uc, vs_child_real_mask());
	else if (!r)
		vs_set_mask(uc, vs_txn_held.mask);
	vs_ctx_result(uc, r);
}

static void parent_trap(long nr, long args[6], ucontext_t *uc)
{
	bool waits = vs_txn_waits_for_lock(nr, args) && !vs_txn_held.cloning;
	long r;

	VS_POINT(trap);
	if (nr == SYS_rt_sigreturn)
		parent_sigreturn(uc);
	if (vs_unlikely(is_left(uc))) {
		abandon(uc);
		return;
	}
	if (vs_is_fork(nr, args)) {
		fork_call(nr, args, uc);
		return;
	}
	if (is_beyond_us(nr) || (!vs_txn_held.cloning && vs_txn_has_signal())) {
		abandon(uc);
		return;
	}
	if (waits)
		r = vs_txn_wait_for_lock(args);
	else if (nr == SYS_rt_sigprocmask && args[3] == VS_KSIGSET_SIZE)
		r = parent_procmask(args);
	else if (nr == SYS_rt_sigaction && (int)args[0] == SIGSYS)
		r = parent_sigsys(args);
	else
		r = vs_syscall6(nr, args[0], args[1], args[2], args[3], args[4],
				args[5]);
	if (waits && r == -ETIMEDOUT)
		abandon(uc);
	else
		vs_ctx_result(uc, r);
	VS_POINT(trapped);
}

static void child_trap(long nr, long args[6], ucontext_t *uc)
{
	if (nr == SYS_rt_sigreturn)
		vs_child_sigreturn(uc);
	vs_ctx_result(uc, vs_child_syscall(nr, args));
}

/* By the conventions of another ABI, as a 64-bit process may call (int 0x80):
 * numbers and arguments mean something else there. */
static void other_abi_trap(const siginfo_t *info, ucontext_t *uc)
{
	if (vs_speculative)
		vs_child_rollback(VS_UNDONE_SYSCALL, info->si_syscall);
	abandon(uc);
}

static void on_trap(const siginfo_t *info, ucontext_t *uc)
{
	long args[6];

	vs_ctx_args(uc, args);
	if (vs_unlikely(info->si_arch != VS_AUDIT_ARCH))
		other_abi_trap(info, uc);
	else if (vs_speculative)
		child_trap(info->si_syscall, args, uc);
	else
		parent_trap(info->si_syscall, args, uc);
}

/* One that somebody has sent, or a filter's of the application. */
static void on_other(siginfo_t *info, void *context)
{
	struct vs_txn_call *call = vs_txn_calling;

	if (vs_speculative)
		vs_child_on_sigsys(info);
	if (!call || vs_txn_held.abandoned || vs_aside_of())
		vs_sigsys_forward(info, context, NULL);
	else if (vs_txn_held.mask & VS_SIGBIT(SIGSYS) && info->si_code <= 0)
		call->early = *info;
	else
		vs_sigsys_forward(info, context, &vs_txn_held.mask);
}

void vs_txn_on_sigsys(int sig, siginfo_t *info, void *context)
{
	(void)sig;
	if (info->si_code == VS_SYS_USER_DISPATCH)
		on_trap(info, context);
	else
		on_other(info, context);
	vs_handler_end(context);
}
