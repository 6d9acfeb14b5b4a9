/* SPDX-License-Identifier: MIT
 * Signals that arrive while the child makes an exec, for which it has a mask of
 * its own again. */
#include <stddef.h>

#include "base/compiler.h"
#include "txn/child/internal.h"

/* The application's handlers of the other signals, which ours replace while the
 * child makes an exec, in the order of their numbers. The first ones, which in
 * most programs are all, need no page of their own. */
enum { FIRST = 4 };
static struct vs_ksigaction first[FIRST] VS_HOT;
static struct vs_ksigaction others[VS_SIGNALS - FIRST] VS_BIG;
static uint64_t replaced VS_HOT;

static struct vs_ksigaction *handler(unsigned i)
{
	return i < FIRST ? &first[i] : &others[i - FIRST];
}

/* A signal that arrives before the exec, or after it has failed. The
 * application's handler would run in the speculative child, and if it did
 * something that rolls back the signal would be lost: it is passed on at once.
 */
static void on_early(int sig, siginfo_t *info, void *context)
{
	(void)sig;
	(void)context;
	vs_child_pass_on(info);
}

/* To look at all 64 actions would take as long as a short transaction, so the
 * parent has noted which signals may have a handler. Those that turn out to be
 * ignored stay so, because exec keeps that. */
void vs_early_handle(uint64_t which)
{
	struct vs_ksigaction ours, *before;
	unsigned n = 0;

	vs_ksigaction_set(&ours, on_early, SA_SIGINFO | SA_ONSTACK);
	vs_sigset_fill(&ours.mask); /* or a second one would lose the first */
	for (int sig = 1; which >> (sig - 1); sig++) {
		if (!(which & VS_SIGBIT(sig)))
			continue;
		before = handler(n);
		vs_sigaction(sig, &ours, before);
		if (vs_is_handled(before)) {
			replaced |= VS_SIGBIT(sig);
			n++;
		} else
			vs_sigaction(sig, before, NULL);
		if (sig == VS_SIGNALS)
			break;
	}
}

void vs_early_restore(void)
{
	unsigned n = 0;

	for (int sig = 1; replaced && sig <= VS_SIGNALS; sig++) {
		if (replaced & VS_SIGBIT(sig))
			vs_sigaction(sig, handler(n++), NULL);
		replaced &= ~VS_SIGBIT(sig);
	}
}
