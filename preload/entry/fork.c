/* SPDX-License-Identifier: MIT
 * fork() and its aliases: which engine a call takes. */
#include <stddef.h>
#include <unistd.h>

#include "memory/gate.h"
#include "memory/app_marks.h"
#include "port.h"
#include "share/share.h"
#include "entry/spawn/shell.h"
#include "txn/site.h"
#include "txn/txn.h"
#include "base/vspawn.h"

__thread struct vs_share *vs_sharing;

void vs_after_true_fork(void)
{
	vs_gate_reset();
	vs_stats_reset();
	vs_marked_reset();
	vs_share_reset();
	vs_system_reset();
	vs_popen_reset();
	vs_txn_after_true_fork();
}

void vs_leave_speculation(enum vs_entry entry)
{
	bool ends = entry == VS_ENTRY_exit || entry == VS_ENTRY_abort;

	if (vs_speculative)
		vs_child_rollback(VS_WHY_SYSCALL,
				  ends ? SYS_exit_group : SYS_clone);
	vs_share_become_true_child();
}

/* A fork handler of the application may itself fork. */
pid_t vs_native_fork(pid_t (*real)(void))
{
	bool nested = vs_txn_under_way();
	pid_t pid;

	if (nested)
		return real();
	vs_gate_enter_true_fork();
	pid = real();
	if (pid == 0)
		vs_after_true_fork();
	else
		vs_gate_leave_true_fork();
	return pid;
}

/* Below this a true fork is as cheap, whatever the child does. */
static const uint64_t WORTHWHILE = 16 << 20;

/* What a true fork costs, in microseconds: some 10 for each resident MB (7 to
 * 15 were seen), and what a small process pays. */
static uint64_t true_fork_us(uint64_t bytes)
{
	return (bytes >> 20) * 10 + 100;
}

static enum vs_reason txn_choice(struct vs_site *site)
{
	enum vs_reason why = vs_txn_able();
	uint64_t bytes = vs_txn_anonymous_bytes();

	if (why != VS_WHY_NONE || vs_config.fork_mode == VS_FORK_TXN)
		return why;
	if (bytes < WORTHWHILE)
		return VS_WHY_SMALL;
	/* Now, rather than at some later call: the map is to stay as it is. */
	vs_txn_prepare();
	if (!vs_site_worth(site, true_fork_us(bytes)))
		return VS_WHY_SLOW;
	if (!vs_site_allows(site))
		return VS_WHY_LEARNED;
	return VS_WHY_NONE;
}

/* One call of a public entry point. */
struct fork_call {
	enum vs_entry entry;
	uintptr_t caller; /* return address */
	uintptr_t cfa;	  /* the caller's stack pointer */
	enum vs_reason why_native;
	enum vs_engine engine;
};

static pid_t fork_by_txn(struct fork_call *call, pid_t (*real)(void))
{
	struct vs_site *site = vs_site_of(call->caller);
	struct vs_txn_outcome outcome = {.committed = false};
	uint64_t began;
	pid_t pid;

	call->why_native = txn_choice(site);
	if (call->why_native != VS_WHY_NONE)
		return vs_native_fork(real);
	began = vs_now_ns();
	pid = vs_txn_fork(real, site, &outcome);
	call->why_native = outcome.why_native;
	if (outcome.committed) {
		call->engine = VS_TXN;
		vs_site_took(site, (unsigned)((vs_now_ns() - began) / 1000));
	}
	return pid;
}

/* What the child must not be to share its parent's memory is what it must not
 * be to be supervised, a small or a learned one apart. */
static bool fork_by_sharing(struct fork_call *call, pid_t *pid)
{
	enum vs_reason why = vs_txn_able();
	long r;

	if (why == VS_WHY_NO_DISPATCH)
		why = VS_WHY_NONE;
	call->why_native = why;
	if (why != VS_WHY_NONE)
		return false;
	r = vs_share_fork(call->cfa, &call->why_native);
	if (r == VS_SHARE_NOT)
		return false;
	call->engine = VS_SHARE;
	*pid = (pid_t)vs_return(r);
	return true;
}

static pid_t fork_from(struct fork_call *call)
{
	pid_t (*real)(void) = (pid_t(*)(void))vs_real_lookup(call->entry);
	uint64_t start = vs_stats_start();
	pid_t pid;

	vs_true_child(call->entry);
	vs_libc_prepare();
	/* The program has found a name here that its libc does not have. */
	if (vs_unlikely(!real))
		real = VS_REAL(fork);
	call->engine = VS_NATIVE;
	call->why_native = VS_WHY_OFF;
	if (vs_config.off || vs_config.fork_mode == VS_FORK_NATIVE)
		pid = vs_native_fork(real);
	else if (vs_config.fork_mode != VS_FORK_SHARE ||
		 !fork_by_sharing(call, &pid))
		pid = fork_by_txn(call, real);
	if (pid > 0)
		vs_stats_call(call->entry, call->engine, call->why_native,
			      start);
	return pid;
}

#define FORK(name)                                                        \
	VS_EXPORT pid_t name(void);                                       \
	VS_EXPORT pid_t name(void)                                        \
	{                                                                 \
		struct fork_call call = {                                 \
			.entry = VS_ENTRY_##name,                         \
			.caller = (uintptr_t)__builtin_return_address(0), \
			.cfa = (uintptr_t)__builtin_dwarf_cfa()};         \
                                                                          \
		return fork_from(&call);                                  \
	}

FORK(fork)
FORK(__fork)
FORK(_Fork)
