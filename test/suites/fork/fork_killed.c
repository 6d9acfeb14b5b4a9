/* SPDX-License-Identifier: MIT
 *
 * Somebody kills every child of a program with threads as soon as there is one:
 * its fork() goes on returning, and each child has exited or been killed.
 */
#include <pthread.h>

#include "sender.h"

enum { FORKS = 600 };

static void *waits(void *unused)
{
	for (;;)
		pause();
	return unused;
}

/* A thread that moves memory: where each transaction's marks are is looked for
 * before the next native fork then. */
static void *moves(void *unused)
{
	enum { SMALL = 4 << 20, LARGE = 8 << 20 };
	char *at = mmap(NULL, SMALL, PROT_READ | PROT_WRITE,
			MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	for (;;) {
		at = mremap(at, SMALL, LARGE, MREMAP_MAYMOVE);
		at[0] = 1;
		usleep(50);
		at = mremap(at, LARGE, SMALL, MREMAP_MAYMOVE);
	}
	return unused;
}

/* All but itself, until its parent is gone. */
static pid_t start_killer(void)
{
	pid_t parent = getpid(), pid = fork(), child;

	if (pid)
		return pid;
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	for (unsigned n = 0; getppid() == parent; n++) {
		child = child_of(parent);
		if (child)
			kill(child, SIGKILL);
		spin(n * 7 % 300);
	}
	_exit(0);
}

START_TEST(every_child)
{
	pthread_t thread;
	pid_t killer;

	if (!can_send())
		return;
	killer = start_killer();
	pthread_create(&thread, NULL, waits, NULL);
	pthread_create(&thread, NULL, moves, NULL);
	for (int n = 0; n < FORKS; n++) {
		pid_t pid = n % 2 ? fork() : _Fork();
		int status;

		if (!pid) {
			if (n % 3)
				exec_exit(4);
			_exit(4);
		}
		status = wait_for(pid);
		ck_assert(status == 4 << 8 || status == SIGKILL);
	}
	kill(killer, SIGKILL);
	dies_by(killer, SIGKILL);
	ck_assert_int_eq(waitpid(-1, NULL, WNOHANG | __WALL), -1);
}
END_TEST

int main(void)
{
	TCase *tcase = tcase_create("killed");

	tcase_add_test(tcase, every_child);
	return run_suite("fork: killed", tcase);
}
