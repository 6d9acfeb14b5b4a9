/* SPDX-License-Identifier: MIT
 * What signals are sent to whom, and when. */
#include "actors/sender.h"

static void plan_order(struct rng *r, const struct plan *plan, struct order *o)
{
	static const int deadly[] = {SIGTERM, SIGINT,  SIGHUP,	SIGUSR1,
				     SIGKILL, SIGQUIT, SIGALRM, SIGSEGV,
				     SIGSYS,  SIGTRAP, SIGPIPE, 40};
	static const int stops[] = {SIGSTOP, SIGSTOP, SIGTSTP, SIGTTIN};
	static const int harmless[] = {SIGUSR1, SIGUSR2, SIGTERM, SIGINT, 41};
	static const int queued[] = {34, 40, 63, 64, SIGUSR1};
	static const int seen[] = {36,	   50,	    36,	   SIGUSR1,
				   SIGSYS, SIGSEGV, SIGBUS};

	switch (plan->kind) {
	case DIES:
		o->sig = PICK(r, deadly);
		break;
	case QUEUES:
		o->sig = PICK(r, queued);
		o->queued = true;
		o->times = 1 + (int)below(r, 12);
		break;
	case STOPS:
		o->sig = PICK(r, stops);
		o->then = SIGCONT;
		o->times = 1 + (int)below(r, 2);
		break;
	case HANDLES:
		o->sig = PICK(r, harmless);
		break;
	default:
		o->sig = PICK(r, seen);
		o->aim = once_in(r, 2) ? AT_PROGRAM : AT_THREAD;
		/* Of the others the second may come while one is pending. */
		o->times = o->sig > 33 ? 1 + (int)below(r, 12) : 1;
	}
}

void make_plan(struct rng *r, struct plan *plan)
{
	static const unsigned delays[] = {0, 30, 300, 1500};
	struct order *o = &plan->order;

	*plan = (struct plan){.kind = below(r, KINDS),
			      .witness = below(r, WITNESSES),
			      .early = once_in(r, 2),
			      .unblock = !once_in(r, 4)};
	*o = (struct order){
		.times = 1, .delay = PICK(r, delays), .seed = next(r)};
	plan_order(r, plan, o);
	if (plan->kind == DIES || plan->kind == HANDLES)
		o->aim = o->sig != SIGKILL && once_in(r, 2) ? AT_GROUP
							    : AT_CHILD;
	o->first_listed = plan->witness == LISTED;
	/* It may not be in its own group yet. */
	plan->own_group = plan->witness != LISTED &&
			  plan->witness != RETURNED && plan->kind <= STOPS &&
			  once_in(r, 2);
	if (plan->own_group && plan->kind == STOPS && once_in(r, 2))
		o->aim = AT_GROUP;
}
