/* SPDX-License-Identifier: MIT
 *
 * A parent that hands its memory to its children piece by piece, while it is
 * killed, stopped, or no more the program that it was: at any moment nobody
 * waits for who does not come, and nothing is left.
 */
#include <poll.h>

#include "served.h"

enum { ROUNDS = 60, STOPS = 100, LONG_MS = 2500, GONE_MS = 20000 };

static void sleep_us(unsigned us)
{
	const struct timespec t = {us / 1000000, us % 1000000 * 1000};

	nanosleep(&t, NULL);
}

/* Whoever has the other end is gone. */
static void nobody_has(int fd)
{
	struct pollfd p = {.fd = fd, .events = POLLIN};

	ck_assert_msg(poll(&p, 1, GONE_MS) == 1 && p.revents == POLLHUP,
		      "a child waits for ever");
	close(fd);
}

static _Noreturn void forks_for_ever(void)
{
	for (unsigned n = random_number();; n++) {
		pid_t pid = reader(n, program, "state");
		int status = -1;

		if (pid > 0 && waitpid(pid, &status, 0) == pid &&
		    status != 4 << 8)
			_exit(51);
	}
}

static void *forks_too(void *unused)
{
	(void)unused;
	forks_for_ever();
}

/* A parent with so many threads beside the one that forks. */
static pid_t start_parent(int threads, int ends[2])
{
	pid_t pid;

	ck_assert_int_eq(pipe(ends), 0);
	random_number();
	pid = fork();
	if (pid) {
		close(ends[1]);
		return pid;
	}
	close(ends[0]);
	close_memory();
	for (int i = 0; i < threads; i++)
		add_thread(i ? forks_too : waits);
	return 0;
}

START_TEST(parent_is_killed)
{
	int ends[2];

	for (int n = 0; n < ROUNDS; n++) {
		pid_t pid = start_parent(n % 3, ends);

		if (!pid)
			forks_for_ever();
		sleep_us(1000 + random_number() % 20000);
		ck_assert_int_eq(kill(pid, SIGKILL), 0);
		dies_by(pid, SIGKILL);
		nobody_has(ends[0]);
	}
}
END_TEST

static void *execs(void *unused)
{
	sleep_us(1000 + random_number() % 20000);
	execl(program, "state", "exit", "4", NULL);
	_exit(99);
	return unused;
}

/* By the first thread or by another. */
START_TEST(parent_execs)
{
	int ends[2];

	for (int n = 0; n < ROUNDS; n++) {
		pid_t pid = start_parent(n % 3, ends);

		if (!pid) {
			add_thread(n % 2 ? execs : forks_too);
			if (n % 2)
				forks_for_ever();
			execs(NULL);
		}
		exits_with(pid, 4);
		nobody_has(ends[0]);
	}
}
END_TEST

static void be_stopped(void)
{
	pid_t stopper, self = getpid();

	stopper = fork();
	if (!stopper) {
		for (int n = 0; n < STOPS; n++) {
			bool long_one = n == STOPS / 2;

			sleep_us(random_number() % 5000);
			kill(self, SIGSTOP);
			sleep_us(long_one ? LONG_MS * 1000
					  : random_number() % 5000);
			kill(self, SIGCONT);
		}
		_exit(0);
	}
	close_memory();
	if (is_threaded)
		add_thread(waits);
	for (unsigned n = 0; !waitpid(stopper, NULL, WNOHANG); n++)
		exits_with(reader(n, program, "state"), 4);
	for (unsigned n = 0; n < 5; n++)
		exits_with(reader(n, program, "state"), 4);
}

START_TEST(parent_is_stopped)
{
	is_threaded = _i;
	commits(be_stopped);
}
END_TEST

int main(int argc UNUSED, char **argv)
{
	TCase *tcase = tcase_create("served parent");

	tcase_add_test(tcase, parent_is_killed);
	tcase_add_test(tcase, parent_execs);
	tcase_add_loop_test(tcase, parent_is_stopped, 0, 2);
	return run_scenes("fork: served, the parent", tcase, argv);
}
