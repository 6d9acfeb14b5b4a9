/* SPDX-License-Identifier: MIT
 * Children that may never come to their end, and are to do so soon. */
#ifndef TEST_PATIENCE_H
#define TEST_PATIENCE_H

#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

/* The wait status of `pid`, which is killed if it takes so many milliseconds.
 */
static int status_within(pid_t pid, int most_ms)
{
	int status = 0, ms = 0;

	while (waitpid(pid, &status, WNOHANG) != pid && ms++ < most_ms)
		usleep(1000);
	if (ms >= most_ms) {
		kill(pid, SIGKILL);
		waitpid(pid, &status, 0);
	}
	return status;
}

#endif
