/* SPDX-License-Identifier: MIT
 * fork() and its aliases: which engine a call takes. */
#include <errno.h>
#include <sys/resource.h>
#include <unistd.h>

#include "audit/audit.h"
#include "base/errno.h"
#include "entry/internal.h"
#include "kernel/point.h"
#include "rules/rules.h"
#include "share/share.h"
#include "stats/stats.h"
#include "stats/tell/tell.h"
#include "txn/child/audit.h"
#include "txn/able/able.h"
#include "txn/able/watched.h"
#include "txn/txn.h"

/* One call of a public entry point. */
struct fork_call {
	enum vs_entry entry;
	uintptr_t caller; /* return address */
	uintptr_t caller_sp;
	pid_t (*real)(void);
	bool may_share;
	uint64_t start;
	struct vs_ruling ruling;
	struct vs_verdict verdict;
	struct vs_lesson lesson;
};

/* What the child must not be to share its parent's memory is what it must not
 * be to be supervised, a small or a learned one apart. False, with the verdict,
 * if it cannot be. */
static bool by_sharing(struct fork_call *call, pid_t *pid)
{
	enum vs_why_native why = vs_txn_eligible();
	long r;

	vs_share_prepare();
	if (why == VS_WHY_NO_DISPATCH)
		why = VS_WHY_NONE;
	call->verdict.why = why;
	if (why != VS_WHY_NONE)
		return false;
	r = vs_share_fork(call->caller_sp, vs_in_native_child,
			  &call->verdict.why);
	if (r == VS_SHARE_NOT)
		return false;
	call->verdict.engine = VS_SHARE;
	*pid = (pid_t)vs_return(r);
	return true;
}

/* The process has more resident anonymous memory; where /proc does not tell, by
 * the most that it ever was. */
static bool is_above(uint64_t bytes)
{
	struct rusage usage;

	vs_txn_look();
	if (vs_txn_anonymous_bytes())
		return vs_txn_anonymous_bytes() > bytes;
	return !vs_sys(SYS_getrusage, RUSAGE_SELF, &usage) &&
	       (uint64_t)usage.ru_maxrss << 10 > bytes;
}

/* No native fork of so much memory is wanted: what it says then. */
static bool is_refused(struct fork_call *call)
{
	if (vs_likely(call->ruling.strict.how != VS_STRICT_FAIL) ||
	    vs_txn_under_way() || !is_above(call->ruling.strict.bytes))
		return false;
	call->verdict.why = VS_WHY_STRICT;
	errno = ENOMEM;
	return true;
}

static pid_t natively(struct fork_call *call)
{
	pid_t pid;

	if (is_refused(call))
		return -1;
	vs_lesson_begins(&call->lesson);
	pid = vs_native_fork(call->real);
	if (pid == 0)
		vs_lesson_in_child(&call->lesson);
	else
		vs_lesson_ends(&call->lesson);
	return pid;
}

static void tell_audit(const struct fork_call *call, struct vs_audit *audit,
		       pid_t pid)
{
	if (vs_speculative && vs_txn.audited)
		vs_audit_begins(call->caller_sp);
	else if (pid)
		vs_audit_tell(audit, call->caller, &call->verdict);
}

static pid_t by_rules(struct fork_call *call)
{
	const struct vs_ruling *ruling = &call->ruling;
	struct vs_txn_request request = {
		.real = call->real,
		.caller = call->caller,
		.caller_sp = call->caller_sp,
		.forced = ruling->mode == VS_FORK_TXN,
		.refuse_above = ruling->strict.how == VS_STRICT_FAIL
					? ruling->strict.bytes
					: UINT64_MAX,
		.in_native_child = vs_in_native_child,
		.lesson = &call->lesson,
	};
	pid_t pid;

	if (ruling->off || ruling->mode == VS_FORK_NATIVE) {
		call->verdict.why = VS_WHY_OFF;
		return natively(call);
	}
	if (ruling->mode == VS_FORK_SHARE && call->may_share &&
	    by_sharing(call, &pid))
		return pid;
	request.audit = vs_audit_claim();
	if (!vs_txn_fork(&request, &call->verdict, &pid))
		pid = natively(call);
	if (vs_unlikely(request.audit != NULL))
		tell_audit(call, request.audit, pid);
	return pid;
}

static pid_t by_settings(struct fork_call *call)
{
	if (vs_config.off) {
		call->verdict.why = VS_WHY_OFF;
		return vs_native_fork(call->real);
	}
	vs_rules_ask(call->caller, !vs_txn_own_filter() && !vs_txn_under_way(),
		     &call->ruling);
	return by_rules(call);
}

/* What the operator wants to know at once, in the parent. */
static void tell(const struct fork_call *call, pid_t pid)
{
	const struct vs_strictness *strict = &call->ruling.strict;

	if (vs_unlikely(strict->how && pid > 0 &&
			call->verdict.engine == VS_NATIVE) &&
	    is_above(strict->bytes))
		vs_tell_native(call->entry, call->caller, &call->verdict);
	if (vs_unlikely(call->verdict.why == VS_WHY_STRICT))
		vs_tell_native(call->entry, call->caller, &call->verdict);
	if (vs_unlikely(vs_config.log && call->verdict.undone))
		vs_tell_undone(call->entry, call->caller, &call->verdict);
}

static void report(const struct fork_call *call, pid_t pid)
{
	vs_stats_call(&(struct vs_call){
		.entry = call->entry,
		.caller = call->caller,
		.start = call->start,
		.forks = true,
		.result = pid > 0 ? pid : -errno,
		.verdict = call->verdict,
	});
}

/* With room for what the child runs. */
static pid_t fork_reported(struct fork_call *call)
{
	struct vs_command command;
	pid_t pid;

	command.size = 0;
	if (vs_config.reports & VS_REPORT_TRACE)
		call->verdict.command = &command;
	call->start = vs_stats_start();
	pid = by_settings(call);
	if (pid != 0)
		report(call, pid);
	call->verdict.command = NULL;
	return pid;
}

static pid_t fork_from(struct fork_call *call)
{
	pid_t pid;

	VS_POINT(begin);
	call->verdict.engine = VS_NATIVE;
	vs_true_child(call->entry);
	vs_gate_recover(call->caller_sp);
	vs_txn_recover(call->caller_sp);
	vs_prepare();
	/* The program has found a name here that its libc does not have. */
	if (vs_unlikely(!call->real))
		call->real = VS_REAL(fork);
	pid = vs_likely(!vs_config.reports) ? by_settings(call)
					    : fork_reported(call);
	if (pid == 0)
		VS_POINT(forked);
	else
		tell(call, pid);
	if (pid > 0 && call->verdict.engine == VS_TXN) {
		VS_POINT(end);
		VS_POINTS_WRITE();
	}
	return pid;
}

pid_t vs_fork_by(enum vs_entry entry, uintptr_t caller, uintptr_t caller_sp,
		 pid_t (*real)(void))
{
	struct fork_call call = {.entry = entry,
				 .caller = caller,
				 .caller_sp = caller_sp,
				 .real = real};

	return fork_from(&call);
}

#define FORK(name)                                                        \
	VS_EXPORT pid_t name(void);                                       \
	VS_EXPORT pid_t name(void)                                        \
	{                                                                 \
		struct fork_call call = {                                 \
			.entry = VS_ENTRY_##name,                         \
			.caller = (uintptr_t)__builtin_return_address(0), \
			.caller_sp = VS_CALLER_SP,                        \
			.real = (pid_t(*)(void))vs_real_lookup(           \
				VS_ENTRY_##name),                         \
			.may_share = true,                                \
		};                                                        \
                                                                          \
		return fork_from(&call);                                  \
	}

FORK(fork)
FORK(__fork)
FORK(_Fork)
