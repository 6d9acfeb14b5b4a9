/* SPDX-License-Identifier: MIT
 *
 * A thread that is asked for permission whenever a file is opened or executed
 * (fanotify), and itself forks and executes such a file: only after fork() has
 * returned can it answer. Natively that takes some milliseconds.
 */
#include <poll.h>
#include <sys/fanotify.h>
#include <time.h>

#include "util.h"

#ifndef FAN_OPEN_EXEC_PERM
#	define FAN_OPEN_EXEC_PERM 0x00040000
#endif

enum { FORKS = 4, RETURNS_MS = 1000 };

static char program[128];
static int listener;

static uint64_t now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000 + (uint64_t)t.tv_nsec / 1000000;
}

/* False, and says why, where this cannot be. */
static bool listen_for(uint64_t events)
{
	char command[PATH_MAX + 160];

	strcpy(program, in_folder("program"));
	snprintf(command, sizeof(command), "cp '%s' '%s'", host("state"),
		 program);
	ck_assert_int_eq(system(command), 0);
	listener = fanotify_init(FAN_CLASS_CONTENT | FAN_CLOEXEC | FAN_NONBLOCK,
				 O_RDONLY | O_CLOEXEC);
	if (listener < 0 ||
	    fanotify_mark(listener, FAN_MARK_ADD, events, AT_FDCWD, program)) {
		printf("skipped: fanotify: %s\n", strerror(errno));
		return false;
	}
	return true;
}

static void answer(int ms, unsigned how)
{
	struct pollfd p = {.fd = listener, .events = POLLIN};
	struct fanotify_event_metadata events[8], *e = events;
	ssize_t n;

	if (poll(&p, 1, ms) != 1)
		return;
	n = read(listener, events, sizeof(events));
	for (; n > 0 && FAN_EVENT_OK(e, n); e = FAN_EVENT_NEXT(e, n)) {
		struct fanotify_response r = {.fd = e->fd, .response = how};

		(void)!write(listener, &r, sizeof(r));
		close(e->fd);
	}
}

static void no_longer_than(uint64_t began, const char *what)
{
	uint64_t ms = now_ms() - began;

	ck_assert_msg(ms < RETURNS_MS, "%s after %d ms", what, (int)ms);
}

/* The kernel's answer, whichever it is, goes to the child. */
static void ask_self(pid_t (*forker)(void), unsigned how, int code)
{
	uint64_t began = now_ms();
	pid_t pid = forker();
	int status = -1;

	if (!pid) {
		execl(program, "state", "exit", "4", NULL);
		_exit(errno == EPERM ? 50 : 99);
	}
	no_longer_than(began, "fork() has returned");
	while (!waitpid(pid, &status, WNOHANG))
		answer(5, how);
	ck_assert_msg(status == code << 8, "wait status %#x", status);
}

static const uint64_t events[] = {FAN_OPEN_EXEC_PERM, FAN_OPEN_PERM,
				  FAN_ACCESS_PERM};

START_TEST(executes)
{
	if (!listen_for(events[_i]))
		return;
	for (int n = 0; n < FORKS; n++)
		ask_self(n % 2 ? _Fork : fork, FAN_ALLOW, 4);
	if (events[_i] != FAN_ACCESS_PERM)
		ask_self(fork, FAN_DENY, 50);
}
END_TEST

/* Not the exec, but an open before it. */
static void open_self(void)
{
	uint64_t began = now_ms();
	pid_t pid = fork();
	int status = -1;

	if (!pid) {
		int fd = open(program, O_RDONLY);

		if (fd < 0)
			_exit(50);
		exec_exit_static(4);
	}
	no_longer_than(began, "fork() has returned");
	while (!waitpid(pid, &status, WNOHANG))
		answer(5, FAN_ALLOW);
	ck_assert_msg(status == 4 << 8, "wait status %#x", status);
}

START_TEST(opens)
{
	if (!listen_for(FAN_OPEN_PERM))
		return;
	for (int n = 0; n < FORKS; n++)
		open_self();
}
END_TEST

int main(void)
{
	TCase *tcase = tcase_create("permission");

	tcase_add_loop_test(tcase, executes, 0, LENGTH(events));
	tcase_add_test(tcase, opens);
	return run_suite("exact: asked for permission", tcase);
}
