/* SPDX-License-Identifier: MIT
 *
 * Whether a call of fork() becomes a transaction: may it be one (able/),
 * and does it pay, by what the process and the call site have learned.
 */
#include "base/compiler.h"
#include "kernel/dispatch.h"
#include "kernel/point.h"
#include "kernel/proc/pid_namespace.h"
#include "libc/facts.h"
#include "libc/threads.h"
#include "libc/unwind/callers.h"
#include "txn/able/able.h"
#include "txn/internal.h"
#include "txn/record/site.h"

/* Below this many bytes a native fork is as cheap, whatever the child does. */
static const uint64_t WORTHWHILE = 16 << 20;

/* How long its child may work, in microseconds: as long as a native fork would
 * have taken, for then nothing is gained any more, or some times what others
 * here have. The first few bring in page by page what the next are given. */
enum { SHORTEST = 1000, LEARNING = 5000, LONGEST = 50000, LONGER = 4 };

static unsigned patience(unsigned native, unsigned takes)
{
	unsigned least = takes ? SHORTEST : LEARNING;
	unsigned us =
		takes && takes < native / LONGER ? takes * LONGER : native;

	if (us < least)
		return least;
	return us < LONGEST ? us : LONGEST;
}

static enum vs_why_native in_words(enum vs_advice advice)
{
	switch (advice) {
	case VS_TRY:
		break;
	case VS_TOO_DEAR:
		return VS_WHY_SLOW;
	case VS_NO_EXEC:
		return VS_WHY_LEARNED;
	}
	return VS_WHY_NONE;
}

/* Whether a process that was small is so still. What was found out about it a
 * moment ago may be too old. */
static bool still_small(void)
{
	static _Atomic unsigned small VS_HOT;
	enum { SAME = 8 };

	if (vs_txn_may_be_filtered())
		return false;
	if (vs_lesson_has_grown()) {
		vs_txn_ask_again();
		return false;
	}
	return ++small % SAME;
}

/* Where some children exec and others do not, it may be the caller's callers
 * that tell them apart: many programs have one function that forks for all. */
static struct vs_account *find_site(struct vs_txn_call *call)
{
	const struct vs_txn_request *request = call->request;
	struct vs_account *account;

	call->site = vs_site_of(request->caller);
	account = vs_site_account(call->site);
	if (vs_unlikely(vs_account_is_mixed(account)))
		account = vs_site_account_by(call->site,
					     vs_callers(request->caller_sp));
	call->lesson.account = account;
	return account;
}

/* What nobody has to be asked for: with threads, to look into /proc takes a
 * task of its own, which is as dear as a small native fork. */
static enum vs_why_native as_before(struct vs_txn_call *call)
{
	if (vs_told_single_threaded() || !vs_lesson_bytes())
		return VS_WHY_NONE;
	if (vs_lesson_bytes() < WORTHWHILE)
		return still_small() ? VS_WHY_SMALL : VS_WHY_NONE;
	return in_words(vs_account_repeat(find_site(call)));
}

static enum vs_why_native by_price(struct vs_txn_call *call)
{
	struct vs_account *account = call->lesson.account;
	enum vs_advice advice;
	unsigned takes;

	call->request->lesson->account = account;
	call->native = vs_lesson_native_us();
	if (!call->native)
		return VS_WHY_PRICE;
	advice = vs_account_ask(account, call->native);
	if (account->fooled)
		call->verdict->because = (enum vs_why_undone)account->because;
	if (advice != VS_TRY)
		return in_words(advice);
	takes = vs_account_takes(account);
	if (vs_lesson_is_old(takes, call->native))
		return VS_WHY_PRICE;
	call->patience = patience(call->native, takes);
	return VS_WHY_NONE;
}

static enum vs_why_native barred(void)
{
	return vs_txn_under_way() ? VS_WHY_NESTED : vs_txn_barred();
}

/* What has to be asked each time. */
static enum vs_why_native possible(void)
{
	if (vs_single_threaded() &&
	    vs_children_elsewhere(vs_txn_seen()->filters))
		return VS_WHY_PID_NAMESPACE;
	if (!vs_offer_possible(vs_txn_seen()->filters))
		return VS_WHY_UNDUMPABLE;
	return vs_dispatch_usable() ? VS_WHY_NONE : VS_WHY_NO_DISPATCH;
}

/* For a fork that shares memory, of which it would take a third to look and to
 * find out where children are born: so it is kept, and for longer than above,
 * because a tracer sees such a child as one of vfork(). */
enum vs_why_native vs_txn_eligible(void)
{
	enum { KEPT_MS = 200 };
	static VS_THREAD struct {
		unsigned epoch;
		unsigned long at;
		enum vs_why_native why;
	} kept;
	unsigned long now =
		(unsigned long)(vs_time_ns(CLOCK_MONOTONIC) / 1000000);
	unsigned epoch = vs_txn_epoch();
	enum vs_why_native why = barred();

	if (why != VS_WHY_NONE)
		return why;
	if (kept.epoch == epoch && now - kept.at < KEPT_MS)
		return kept.why;
	why = vs_txn_look();
	kept.epoch = epoch;
	kept.at = now;
	kept.why = why == VS_WHY_NONE ? possible() : why;
	return kept.why;
}

enum vs_why_native vs_choose(struct vs_txn_call *call)
{
	bool forced = call->request->forced;
	enum vs_why_native why;

	why = barred();
	if (why == VS_WHY_NONE && !VS_ARCH_TXN)
		why = VS_WHY_NO_TXN;
	if (why == VS_WHY_NONE && !forced)
		why = as_before(call);
	if (why == VS_WHY_NONE)
		why = vs_txn_look();
	if (why != VS_WHY_NONE)
		return why;
	VS_POINT(looked);
	vs_lesson_saw(vs_txn_anonymous_bytes());
	if (!forced && vs_lesson_bytes() < WORTHWHILE)
		return VS_WHY_SMALL;
	/* Now, rather than at some later call: the map is to stay as it is. */
	vs_txn_make_page();
	find_site(call);
	if (!forced)
		why = by_price(call);
	VS_POINT(priced);
	return why == VS_WHY_NONE ? possible() : why;
}
