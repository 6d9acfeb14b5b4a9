/* SPDX-License-Identifier: MIT
 *
 * A handler of a signal that comes in the middle of a fork: it forks, too, as
 * the fork does that it has interrupted, by the system call's number; and finds
 * no descriptor that is not the program's.
 */
#include <sched.h>
#include <sys/syscall.h>
#include <sys/time.h>

#include "util.h"

enum { TIMES = 600, SPREAD_US = 150, LOOKS = 150, LOOK_MS = 21 };

static volatile sig_atomic_t wrong;
static int lowest;

static void soon(int us)
{
	const struct itimerval once = {.it_value = {.tv_usec = 1 + us}};

	ck_assert(!setitimer(ITIMER_REAL, &once, NULL));
}

static long raw_clone(long flags, int *third)
{
	long args[3] = {0, 0, (long)third};

	args[VS_CLONE_FLAGS] = flags;
	return syscall(SYS_clone, args[0], args[1], args[2], 0, 0);
}

/* What was below the frames of the fork is there no more. */
static void write_over(void)
{
	volatile char room[PAGE];

	for (int i = 0; i < LENGTH(room); i++)
		room[i] = (char)i;
}

static void forks(int sig)
{
	int status = 0;
	pid_t pid = (pid_t)raw_clone(SIGCHLD, NULL);

	(void)sig;
	if (!pid)
		_exit(3);
	while (waitpid(pid, &status, 0) == -1 && errno == EINTR)
		;
	wrong += status != 3 << 8;
	write_over();
}

START_TEST(by_number)
{
	signal(SIGALRM, forks);
	for (int i = 0; i < TIMES; i++) {
		int told = 0;
		pid_t pid;

		soon(i % SPREAD_US);
		pid = (pid_t)raw_clone(SIGCHLD | CLONE_PARENT_SETTID, &told);
		if (!pid)
			_exit(4);
		ck_assert_int_eq(told, pid);
		exits_with(pid, 4);
	}
	ck_assert_int_eq(wrong, 0);
}
END_TEST

static void opens(int sig)
{
	int fd = open("/dev/null", O_RDONLY);

	(void)sig;
	wrong += fd != lowest;
	close(fd);
}

/* What has been found out of the process holds for 20 ms: each fork looks. */
START_TEST(descriptors)
{
	lowest = open("/dev/null", O_RDONLY);
	close(lowest);
	signal(SIGALRM, opens);
	for (int i = 0; i < LOOKS; i++) {
		pid_t pid;

		usleep(LOOK_MS * 1000);
		soon(i % SPREAD_US / 2);
		pid = fork();
		if (!pid)
			_exit(4);
		exits_with(pid, 4);
	}
	ck_assert_int_eq(wrong, 0);
}
END_TEST

int main(void)
{
	TCase *tcase = tcase_create("handlers");

	tcase_add_test(tcase, by_number);
	tcase_add_test(tcase, descriptors);
	return run_suite("fork: handlers in the middle of it", tcase);
}
