/* SPDX-License-Identifier: MIT
 *
 * The action of SIGSYS, in the parent: while our handler is installed the
 * program is told of its own.
 */
#include <signal.h>
#include <stddef.h>

#include "entry/fast/internal.h"
#include "entry/fast/sigaction.h"
#include "txn/able/watched.h"
#include "txn/handler/sigsys.h"

/* In a child of vfork(), while another thread of its parent forks. */
static int action_apart(const struct sigaction *act, struct sigaction *old)
{
	int r = VS_REAL(sigaction)(SIGSYS, act, old);
	struct vs_ksigaction found;

	if (!r && old) {
		found.handler = old->sa_sigaction;
		if (vs_sigsys_correct(&found))
			vs_action_to_libc(&found, old);
	}
	return r;
}

/* In the parent. Not the kernel's answer and then ours, or the other way
 * round: another thread may install our handler in between. */
int vs_action_of_sigsys(const struct sigaction *act, struct sigaction *old)
{
	__typeof__(&sigaction) real = VS_REAL(sigaction);
	struct sigaction new = act ? *act : (struct sigaction){0};
	struct vs_ksigaction *shadow, before;
	vs_sigset mask;
	int r;

	if (vs_unlikely(!vs_sigsys_hold_own(&mask, &shadow)))
		return action_apart(act, old);
	if (!shadow) {
		r = real(SIGSYS, act ? &new : NULL, old);
		vs_sigsys_release(&mask);
		return r;
	}
	before = *shadow;
	if (act)
		vs_action_to_kernel(&new, shadow);
	vs_sigsys_release(&mask);
	if (old)
		vs_action_to_libc(&before, old);
	return 0;
}

/* The same by its number. Whether the program's pointers are good the kernel
 * says: it reads what it then refuses, and what is written over. */
long vs_sigaction_by_number(const long args[6])
{
	const struct vs_ksigaction *act = (const void *)args[1];
	struct vs_ksigaction *old = (void *)args[2], before, *shadow;
	vs_sigset mask;
	long r = 0;

	if (act && (int)args[0] != SIGSYS)
		vs_txn_handles((int)args[0]);
	if ((int)args[0] != SIGSYS || args[3] != VS_KSIGSET_SIZE)
		return vs_return(
			vs_sys(SYS_rt_sigaction, args[0], act, old, args[3]));
	if (act &&
	    vs_sys(SYS_rt_sigaction, SIGKILL, act, NULL, args[3]) == -EFAULT)
		return vs_return(-EFAULT);
	if (vs_unlikely(!vs_sigsys_hold_own(&mask, &shadow))) {
		r = vs_sys(SYS_rt_sigaction, SIGSYS, act, old, args[3]);
		if (!r && old)
			vs_sigsys_correct(old);
		return vs_return(r);
	}
	if (shadow) {
		before = *shadow;
		if (act)
			*shadow = *act;
		if (old)
			r = vs_sys(SYS_rt_sigaction, SIGSYS, NULL, old,
				   args[3]);
		if (old && !r)
			*old = before;
	} else {
		r = vs_sys(SYS_rt_sigaction, SIGSYS, act, old, args[3]);
	}
	vs_sigsys_release(&mask);
	return vs_return(r);
}
