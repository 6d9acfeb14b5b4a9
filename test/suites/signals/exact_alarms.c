/* SPDX-License-Identifier: MIT
 *
 * Another thread sends a signal to a child that its parent's fork() has not
 * returned yet, by the number in /proc, and the child goes on for a while
 * before it does what others could see. It is of the kinds that also come by
 * themselves, from the child's own timers and calls.
 */
#include <pthread.h>
#include <signal.h>
#include <sys/prctl.h>

#include "util.h"

static const int sigs[] = {SIGALRM, SIGVTALRM, SIGPROF, SIGTERM, 40};

/* What comes between the last look of a child that is replaced and its end is
 * lost (libvspawn(7)), as may be on a busy machine. */
enum { ROUNDS = 6, TOO_LATE = 2, WORK_US = 10000 };

static char children[64];
static _Atomic int wanted; /* the signal that is to be sent, or 0 */

/* The child that has given itself its name: the library has children of its
 * own, too, for a moment. */
static pid_t target(void)
{
	char text[256] = "", path[64];
	pid_t pid;
	int fd;

	read_into(children, text, sizeof(text));
	pid = atoi(text);
	snprintf(path, sizeof(path), "/proc/%d/comm", pid);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	memset(text, 0, sizeof(text));
	if (fd < 0 || read(fd, text, sizeof(text) - 1) < 0)
		text[0] = '\0';
	close(fd);
	return strcmp(text, "target\n") ? 0 : pid;
}

static void *sender(void *unused)
{
	pid_t pid;

	for (;;) {
		while (!wanted)
			usleep(100);
		pid = target();
		if (pid && !kill(pid, wanted))
			wanted = 0;
	}
	return unused;
}

static void work(void)
{
	struct timespec t;
	uint64_t end;

	clock_gettime(CLOCK_MONOTONIC, &t);
	end = (uint64_t)t.tv_sec * 1000000 + t.tv_nsec / 1000 + WORK_US;
	do
		clock_gettime(CLOCK_MONOTONIC, &t);
	while ((uint64_t)t.tv_sec * 1000000 + t.tv_nsec / 1000 < end);
}

START_TEST(of_others)
{
	int sig = sigs[_i], pipes[2], lost = 0, status;
	pthread_t id;

	signal(sig, SIG_DFL); /* Check handles some */
	snprintf(children, sizeof(children), "/proc/self/task/%d/children",
		 gettid());
	ck_assert_int_eq(pipe(pipes), 0);
	ck_assert_int_eq(pthread_create(&id, NULL, sender, NULL), 0);
	for (int n = 0; n < ROUNDS; n++) {
		pid_t pid;

		wanted = sig;
		pid = fork();
		if (!pid) {
			prctl(PR_SET_NAME, "target");
			work();
			if (write(pipes[1], "x", 1) == 1)
				usleep(200000);
			_exit(0);
		}
		status = wait_for(pid);
		lost += !WIFSIGNALED(status) || WTERMSIG(status) != sig;
		while (wanted)
			usleep(100);
	}
	ck_assert_int_le(lost, TOO_LATE);
}
END_TEST

/* What the child has sent itself, the one that takes its place does again. */
static volatile sig_atomic_t received;

static void count(int sig UNUSED)
{
	received++;
}

static void send_itself(int way)
{
	switch (way) {
	case 0:
		kill(getpid(), 40);
		break;
	case 1:
		raise(40);
		break;
	default:
		sigqueue(getpid(), 40, (union sigval){0});
	}
}

START_TEST(its_own)
{
	struct sigaction sa = {.sa_handler = count};
	int pipes[2];
	pid_t pid;

	sigaction(40, &sa, NULL);
	ck_assert_int_eq(pipe(pipes), 0);
	pid = fork();
	if (!pid) {
		send_itself(_i);
		if (write(pipes[1], "x", 1) != 1)
			_exit(99);
		_exit(received);
	}
	exits_with(pid, 1);
}
END_TEST

int main(void)
{
	TCase *tcase = tcase_create("alarms");

	tcase_add_loop_test(tcase, of_others, 0, LENGTH(sigs));
	tcase_add_loop_test(tcase, its_own, 0, 3);
	return run_suite("exact: signals that might be its own", tcase);
}
