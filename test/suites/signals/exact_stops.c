/* SPDX-License-Identifier: MIT
 *
 * A child that is stopped before its exec. fork() returns all the same, the
 * stop is reported once, and with SIGCONT the child goes on where it was.
 */
#include <poll.h>

#include "sender.h"

enum { ROUNDS = 15, RETURNS_MS = 3000 };

static int to_stopper[2], from_stopper[2];
static pid_t stopper;
static char program[PATH_MAX];
static const struct timespec a_millisecond = {0, 1000000};

/* Whether there is something to read in so many milliseconds. */
static bool told(int fd, int ms)
{
	struct pollfd p = {.fd = fd, .events = POLLIN};

	return poll(&p, 1, ms) == 1;
}

/* Stops a child of its parent, who has to tell that fork() has returned. */
static bool stop_one(unsigned delay, bool briefly, pid_t parent)
{
	uint64_t end = now_us() + 3000000;
	pid_t child = 0;
	bool good;

	while (!child && now_us() < end)
		child = child_of(parent);
	spin(delay);
	while (child && kill(child, SIGSTOP) && now_us() < end)
		child = child_of(parent);
	if (briefly) {
		nanosleep(&a_millisecond, NULL);
		kill(child, SIGCONT);
	}
	good = told(to_stopper[0], RETURNS_MS) &&
	       read(to_stopper[0], &delay, sizeof(delay)) == sizeof(delay);
	if (!good)
		kill(child_of(parent), SIGCONT);
	return good && child;
}

static void start_stopper(bool briefly)
{
	pid_t parent = getpid();
	unsigned delay;

	strcpy(program, host("receiver"));
	ck_assert_int_eq(pipe2(to_stopper, O_CLOEXEC), 0);
	ck_assert_int_eq(pipe2(from_stopper, O_CLOEXEC), 0);
	stopper = fork();
	if (stopper)
		return;
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	close(to_stopper[1]);
	while (read(to_stopper[0], &delay, sizeof(delay)) == sizeof(delay)) {
		bool good = stop_one(delay, briefly, parent);

		(void)!write(from_stopper[1], &good, sizeof(good));
	}
	_exit(0);
}

static void end_stopper(void)
{
	close(to_stopper[1]);
	exits_with(stopper, 0);
}

/* As a shell along PATH, only longer. */
static void search_in_vain(void)
{
	char *argv[] = {program, NULL};

	for (int n = 0; n < 300; n++)
		execv("/no/such/program", argv);
}

/* A child that computes, or searches for its program, then execs it and lives
 * as long as its pipe. */
static pid_t make_child(int n, bool searches, int in[2])
{
	unsigned delay = (unsigned)n * 97 % 1500;
	bool good = false;
	pid_t pid;

	ck_assert_int_eq(pipe2(in, O_CLOEXEC), 0);
	ck_assert_int_eq(write(to_stopper[1], &delay, sizeof(delay)),
			 sizeof(delay));
	nanosleep(&a_millisecond, NULL);
	pid = n % 3 ? fork() : _Fork();
	if (!pid) {
		if (searches)
			search_in_vain();
		else
			spin(2000);
		dup2(in[0], 0);
		execl(program, "receiver", NULL);
		_exit(99);
	}
	(void)!write(to_stopper[1], &delay, sizeof(delay));
	ck_assert_int_eq(read(from_stopper[0], &good, sizeof(good)),
			 sizeof(good));
	ck_assert_msg(good, "fork() waits for a child that is stopped");
	close(in[0]);
	return pid;
}

/* The wait status that is reported, or -1 if none is. */
static int reported(pid_t pid, int flags)
{
	uint64_t end = now_us() + 3000000;
	int status = -1;

	while (waitpid(pid, &status, flags | WNOHANG) != pid) {
		if (now_us() > end)
			return -1;
		nanosleep(&a_millisecond, NULL);
	}
	return status;
}

START_TEST(stopped)
{
	int in[2], status;

	if (!can_send())
		return;
	start_stopper(false);
	for (int n = 0; n < ROUNDS; n++) {
		pid_t pid = make_child(n, _i, in);

		status = reported(pid, WUNTRACED);
		ck_assert_msg(WIFSTOPPED(status) && WSTOPSIG(status) == SIGSTOP,
			      "wait status %#x instead of stopped", status);
		ck_assert_int_eq(waitpid(pid, &status, WUNTRACED | WNOHANG), 0);
		ck_assert_int_eq(kill(pid, SIGCONT), 0);
		ck_assert(WIFCONTINUED(reported(pid, WCONTINUED)));
		close(in[1]);
		exits_with(pid, 0);
	}
	end_stopper();
}
END_TEST

/* Nobody needs to notice. */
START_TEST(stopped_briefly)
{
	int in[2];

	if (!can_send())
		return;
	start_stopper(true);
	for (int n = 0; n < ROUNDS; n++) {
		pid_t pid = make_child(n, _i, in);

		close(in[1]);
		exits_with(pid, 0);
	}
	end_stopper();
}
END_TEST

int main(void)
{
	TCase *tcase = tcase_create("stops");

	tcase_add_loop_test(tcase, stopped, 0, 2);
	tcase_add_loop_test(tcase, stopped_briefly, 0, 2);
	return run_suite("exact: stopped before the exec", tcase);
}
