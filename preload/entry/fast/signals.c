/* SPDX-License-Identifier: MIT
 *
 * Signals' masks and handlers: see internal.h. The action of SIGSYS in the
 * parent is sigsys.c's.
 */
#include <errno.h>
#include <signal.h>
#include <string.h>

#include "entry/fast/internal.h"
#include "entry/fast/sigaction.h"
#include "txn/able/watched.h"

/* The real-time signals that libc keeps for itself: glibc never blocks its two,
 * musl does not tell that its three are blocked. */
#ifdef __GLIBC__
static const uint64_t not_blocked = VS_SIGBIT(32) | VS_SIGBIT(33), not_told;
#else
static const uint64_t not_told = VS_SIGBIT(32) | VS_SIGBIT(33) | VS_SIGBIT(34),
		      not_blocked;
#endif

/* Of `old` only what the kernel knows is written: as libc's. */
static long edit_mask(int how, const sigset_t *set, sigset_t *old)
{
	uint64_t wanted = 0, before;
	long r;

	if (set) {
		memcpy(&wanted, set, sizeof(wanted));
		wanted &= ~not_blocked;
	}
	r = vs_supervised(SYS_rt_sigprocmask, how, set ? (long)&wanted : 0,
			  (long)&before, VS_KSIGSET_SIZE);
	if (!r && old) {
		before &= ~not_told;
		memcpy(old, &before, sizeof(before));
	}
	return r;
}

VS_EXPORT int sigprocmask(int how, const sigset_t *set, sigset_t *old)
{
	if (vs_likely(!vs_speculative) || vs_interposed(VS_ENTRY_sigprocmask))
		return VS_REAL(sigprocmask)(how, set, old);
	return (int)vs_return(edit_mask(how, set, old));
}

VS_EXPORT int pthread_sigmask(int how, const sigset_t *set, sigset_t *old)
{
	__typeof__(&pthread_sigmask) real;

	if (vs_unlikely(vs_speculative) &&
	    !vs_interposed(VS_ENTRY_pthread_sigmask))
		return (int)-edit_mask(how, set, old);
	real = __extension__(__typeof__(real))
		vs_real_in(VS_ENTRY_pthread_sigmask, "libpthread.so.0");
	return real(how, set, old);
}

/* libc keeps the first real-time signals for itself and says EINVAL. */
enum { FIRST_REAL_TIME = 32 };

/* True if it was answered here, with the result in *r. */
static bool action(int sig, const struct sigaction *act, struct sigaction *old,
		   int *r)
{
	struct vs_ksigaction new, before;

	if (sig <= 0 || sig >= FIRST_REAL_TIME)
		return false;
	if (!vs_speculative) {
		/* One that shares memory has handlers of its own, and might
		 * leave the lock taken: its system calls can trap. */
		if (sig != SIGSYS || vs_is_sharing())
			return false;
		*r = vs_action_of_sigsys(act, old);
		return true;
	}
	if (act)
		vs_action_to_kernel(act, &new);
	*r = (int)vs_return(vs_supervised(SYS_rt_sigaction, sig,
					  act ? (long)&new : 0, (long)&before,
					  VS_KSIGSET_SIZE));
	if (!*r && old)
		vs_action_to_libc(&before, old);
	return true;
}

static void note_handler(int sig, bool set)
{
	if (set && !vs_speculative)
		vs_txn_handles(sig);
}

VS_EXPORT int sigaction(int sig, const struct sigaction *act,
			struct sigaction *old)
{
	int r;

	note_handler(sig, act && act->sa_handler != SIG_DFL &&
				  act->sa_handler != SIG_IGN);
	if (vs_unlikely(
		    (vs_speculative && !vs_interposed(VS_ENTRY_sigaction)) ||
		    sig == SIGSYS) &&
	    action(sig, act, old, &r))
		return r;
	return VS_REAL(sigaction)(sig, act, old);
}

/* Of which signals glibc's signal() does not restart what they interrupt: what
 * siginterrupt() has said last, for its own list is not to be had. */
static _Atomic unsigned interrupting;

static unsigned bit_of(int sig)
{
	return sig > 0 && sig < FIRST_REAL_TIME ? 1U << sig : 0;
}

/* glibc calls it deprecated. */
VS_EXPORT int vs_entry_siginterrupt(int sig, int on) __asm__("siginterrupt");

int vs_entry_siginterrupt(int sig, int on)
{
	__typeof__(&vs_entry_siginterrupt) real =
		__extension__(__typeof__(real))
			vs_real_lookup(VS_ENTRY_siginterrupt);
	int r = real(sig, on);

	if (!r && on)
		interrupting |= bit_of(sig);
	else if (!r)
		interrupting &= ~bit_of(sig);
	return r;
}

/* As libc's. glibc's blocks the signal itself while it is handled. */
static void as_by_signal(int sig, sighandler_t handler, struct sigaction *act)
{
	*act = (struct sigaction){.sa_flags = SA_RESTART};
	act->sa_handler = handler;
#ifdef __GLIBC__
	sigaddset(&act->sa_mask, sig);
	if (interrupting & bit_of(sig))
		act->sa_flags = 0;
#else
	(void)sig;
#endif
}

VS_EXPORT sighandler_t signal(int sig, sighandler_t handler)
{
	struct sigaction act, old;
	int r;

	note_handler(sig, handler != SIG_DFL && handler != SIG_IGN);
	if (vs_likely(!vs_speculative && sig != SIGSYS) || handler == SIG_ERR ||
	    (vs_speculative && vs_interposed(VS_ENTRY_signal)))
		return VS_REAL(signal)(sig, handler);
	as_by_signal(sig, handler, &act);
	if (!action(sig, &act, &old, &r))
		return VS_REAL(signal)(sig, handler);
	return r ? SIG_ERR : old.sa_handler;
}
