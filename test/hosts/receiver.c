/* SPDX-License-Identifier: MIT
 *
 * receiver: reads its standard input to the end, then writes down each signal
 * that is pending and blocked, with its value, in the order of the queue.
 */
#define _GNU_SOURCE
#include <signal.h>
#include <stdio.h>
#include <time.h>
#include <unistd.h>

int main(void)
{
	struct timespec now = {0, 0};
	siginfo_t info;
	sigset_t set;
	char byte;

	while (read(0, &byte, 1) == 1)
		;
	sigpending(&set);
	while (sigtimedwait(&set, &info, &now) > 0)
		printf("%d ", info.si_value.sival_int);
	return 0;
}
