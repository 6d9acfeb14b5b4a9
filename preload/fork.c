/* SPDX-License-Identifier: MIT
 * fork() and its aliases: which engine a call takes. */
#include <stddef.h>
#include <unistd.h>

#include "gate.h"
#include "port.h"
#include "site.h"
#include "txn.h"
#include "vspawn.h"

__thread struct vs_share *vs_sharing;

void vs_after_true_fork(void)
{
	vs_gate_reset();
	vs_stats_reset();
	vs_txn_after_true_fork();
}

void vs_leave_speculation(enum vs_entry entry)
{
	(void)entry;
	if (vs_speculative)
		vs_child_rollback(VS_WHY_SYSCALL, SYS_clone);
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

/* Below this a true fork is as cheap: it pays some 10 us per resident MB, a
 * transaction some 50 us for the traps and the bookkeeping. */
static const uint64_t WORTHWHILE = 8 << 20;

static enum vs_reason txn_choice(struct vs_site *site)
{
	enum vs_reason why;

	why = vs_txn_able();
	if (why == VS_WHY_NONE && vs_config.fork_mode != VS_FORK_TXN &&
	    vs_txn_anonymous_bytes() < WORTHWHILE)
		return VS_WHY_SMALL;
	if (why == VS_WHY_NONE && vs_config.fork_mode != VS_FORK_TXN &&
	    !vs_site_allows(site))
		return VS_WHY_LEARNED;
	return why;
}

static pid_t fork_from(enum vs_entry entry, uintptr_t caller)
{
	pid_t (*real)(void) = (pid_t(*)(void))vs_real_lookup(entry);
	struct vs_txn_outcome outcome = {.why_native = VS_WHY_OFF};
	uint64_t start = vs_stats_start();
	pid_t pid;

	vs_true_child(entry);
	vs_libc_prepare();
	if (!vs_config.off && vs_config.fork_mode != VS_FORK_NATIVE) {
		struct vs_site *site = vs_site_of(caller);

		outcome.why_native = txn_choice(site);
		if (outcome.why_native == VS_WHY_NONE)
			pid = vs_txn_fork(real, site, &outcome);
		else
			pid = vs_native_fork(real);
	} else {
		pid = vs_native_fork(real);
	}
	if (pid > 0)
		vs_stats_call(entry, outcome.committed ? VS_TXN : VS_NATIVE,
			      outcome.why_native, start);
	return pid;
}

#define FORK(name)                                                            \
	VS_EXPORT pid_t name(void);                                           \
	VS_EXPORT pid_t name(void)                                            \
	{                                                                     \
		return fork_from(VS_ENTRY_##name,                             \
				 (uintptr_t)__builtin_return_address(0));     \
	}

FORK(fork)
FORK(__fork)
FORK(__libc_fork)
FORK(_Fork)
