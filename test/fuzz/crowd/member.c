/* SPDX-License-Identifier: MIT
 *
 * What children do that are there while something else happens: one of several
 * at once, and one that signals are sent to.
 */
#include <time.h>

#include "fuzz.h"
#include "crowd/member.h"

/* One byte from `from`; false: there will be none. */
static bool next_byte(int from, char *c)
{
	long n;

	do
		n = vs_sys(SYS_read, from, c, 1);
	while (n == -EINTR);
	return n == 1;
}

_Noreturn void be_member(int told, int tell, int how)
{
	char c = '!';

	do
		vs_sys(SYS_write, tell, &c, 1);
	while (next_byte(told, &c) && c == '?');
	if (how >= BY_SIGNAL)
		vs_sys(SYS_kill, vs_sys(SYS_getpid), how - BY_SIGNAL);
	/* Blocked, ignored. */
	vs_sys(SYS_exit_group, how % BY_SIGNAL);
	abort();
}

_Noreturn void be_target(int told, int tell)
{
	struct timespec now = {0};
	char c = IN_IMAGE, text[64];
	uint64_t all = ~0UL, mask = 0;
	siginfo_t info;
	int sig;

	vs_sys(SYS_write, tell, &c, 1);
	while (next_byte(told, &c))
		;
	vs_sys(SYS_rt_sigprocmask, SIG_BLOCK, NULL, &mask, 8);
	sig = snprintf(text, sizeof(text), " mask %lx", mask);
	vs_sys(SYS_write, tell, text, sig);
	while ((sig = (int)vs_sys(SYS_rt_sigtimedwait, &all, &info, &now, 8)) >
	       0) {
		sig = snprintf(
			text, sizeof(text), " (%d %d %d)", sig, info.si_code,
			info.si_code == SI_QUEUE ? info.si_value.sival_int : 0);
		vs_sys(SYS_write, tell, text, sig);
	}
	vs_sys(SYS_exit_group, TARGET_END);
	abort();
}
