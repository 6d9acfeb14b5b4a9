/* SPDX-License-Identifier: MIT
 *
 * What one of several children does that are there at once: it says that it
 * is there, answers as long as it is asked, and ends when it is told to.
 */
#include "fuzz.h"

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
