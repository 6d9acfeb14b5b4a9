/* SPDX-License-Identifier: MIT
 *
 * How children of fork() end, and what their parent hears of it: each death
 * once, nothing of a child that fork() has not returned.
 */
#include <pthread.h>
#include <sys/resource.h>

#include "util.h"

static void segv(void)
{
	volatile int *volatile nowhere = (int *)8;

	*nowhere = 1;
}

static void fpe(void)
{
	volatile int one = 1, zero = 0;

	zero = one / zero;
}

static void ill(void)
{
	__builtin_trap();
}

static void aborts(void)
{
	abort();
}

static void raises(void)
{
	raise(SIGTERM);
}

static void kills(void)
{
	kill(getpid(), SIGKILL);
}

static void kills_group(void)
{
	setpgid(0, 0);
	kill(0, SIGUSR2);
}

static int deeper(int level)
{
	volatile char frame[100000];

	frame[0] = frame[sizeof(frame) - 1] = 1;
	return level ? deeper(level + 1) + frame[0] : 0;
}

static void overflows(void)
{
	_exit(deeper(1));
}

static void alarmed(void)
{
	alarm(1);
	for (;;)
		;
}

/* A signal that was blocked until shortly before the exec. */
static void unblocks(void)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGUSR1);
	sigprocmask(SIG_BLOCK, &set, NULL);
	kill(getpid(), SIGUSR1);
	sigprocmask(SIG_UNBLOCK, &set, NULL);
	exec_exit(4);
}

static void default_sys(void)
{
	signal(SIGSYS, SIG_DFL);
	raise(SIGSYS);
}

static const struct {
	void (*child)(void);
	int sig; /* 0: as natively, by CPU */
} deaths[] = {{segv, SIGSEGV},
	      {fpe, 0},
	      {ill, 0},
	      {aborts, SIGABRT},
	      {raises, SIGTERM},
	      {kills, SIGKILL},
	      {overflows, SIGSEGV},
	      {kills_group, SIGUSR2},
	      {alarmed, SIGALRM},
	      {unblocks, SIGUSR1},
	      {default_sys, SIGSYS}};

static void (*dying)(void);

static int end_of(pid_t (*forker)(void))
{
	pid_t pid = forker();

	if (!pid) {
		dying();
		_exit(99);
	}
	return wait_for(pid);
}

START_TEST(death)
{
	struct rlimit none = {0};
	int expected;

	dying = deaths[_i].child;
	setrlimit(RLIMIT_CORE, &none);
	/* Check catches these. */
	signal(SIGTERM, SIG_DFL);
	signal(SIGALRM, SIG_DFL);
	expected = deaths[_i].sig ? deaths[_i].sig : end_of(raw_fork);
	for (int n = 0; n < 3; n++)
		ck_assert_int_eq(end_of(fork), expected);
}
END_TEST

/* Killed by somebody else, before or after its exec. */
START_TEST(killed)
{
	char *argv[] = {"sleep", "60", NULL};

	for (int n = 0; n < 60; n++) {
		pid_t pid = fork();

		if (!pid) {
			execvp(argv[0], argv);
			_exit(99);
		}
		if (n % 2)
			usleep((useconds_t)n * 50);
		ck_assert_int_eq(kill(pid, SIGKILL), 0);
		dies_by(pid, SIGKILL);
	}
}
END_TEST

static volatile int signals, sender_wrong;
static volatile pid_t expected_sender;

static void on_child(int sig UNUSED, siginfo_t *info, void *context UNUSED)
{
	signals++;
	if (info->si_code != CLD_EXITED || info->si_status != 4)
		sender_wrong++;
	expected_sender = info->si_pid;
}

START_TEST(one_signal_each)
{
	struct sigaction sa = {.sa_sigaction = on_child,
			       .sa_flags = SA_SIGINFO | SA_NOCLDSTOP};
	pid_t pid;

	sigaction(SIGCHLD, &sa, NULL);
	for (int n = 1; n <= 60; n++) {
		pid = fork();
		if (!pid) {
			if (n % 3)
				exec_exit(4);
			_exit(4);
		}
		exits_with(pid, 4);
		ck_assert_int_eq(signals, n);
		ck_assert_int_eq(expected_sender, pid);
	}
	ck_assert_int_eq(sender_wrong, 0);
	ck_assert_int_eq(waitpid(-1, NULL, WNOHANG), -1);
	ck_assert_int_eq(errno, ECHILD);
	ck_assert_int_eq(waitpid(-1, NULL, WNOHANG | __WALL), -1);
}
END_TEST

/* Another thread waits for anything, in every way, all the time. */
enum { CHILDREN = 150 };

static _Atomic int reaped, stop, stray;

static void *reaper(void *unused)
{
	while (!stop) {
		siginfo_t info = {0};
		int status;
		pid_t pid;

		if (reaped % 2) {
			pid = waitpid(-1, &status, 0);
			status = WEXITSTATUS(status);
		} else {
			pid = waitid(P_ALL, 0, &info, WEXITED) ? -1
							       : info.si_pid;
			status = info.si_status;
		}
		if (pid <= 0)
			continue;
		reaped++;
		if (status != 4)
			stray++;
	}
	return unused;
}

START_TEST(no_stray_child)
{
	pthread_t thread;

	pthread_create(&thread, NULL, reaper, NULL);
	for (int n = 0; n < CHILDREN; n++) {
		pid_t pid = fork();

		if (!pid) {
			if (n % 3)
				exec_exit(4);
			_exit(4);
		}
		ck_assert_int_gt(pid, 0);
	}
	while (reaped < CHILDREN)
		usleep(1000);
	usleep(20000);
	stop = 1;
	pthread_join(thread, NULL);
	ck_assert_int_eq(reaped, CHILDREN);
	ck_assert_int_eq(stray, 0);
}
END_TEST

/* Children that are never waited for leave nothing, and wait() says so. */
static void no_zombies(void)
{
	for (int n = 0; n < 20; n++) {
		pid_t pid = fork();

		if (!pid) {
			if (n % 3)
				exec_exit(4);
			_exit(4);
		}
		ck_assert_int_gt(pid, 0);
		ck_assert_int_eq(waitpid(pid, NULL, 0), -1);
		ck_assert_int_eq(errno, ECHILD);
		/* The kernel reaps it after it has told us. */
		for (int i = 0; kill(pid, 0) == 0 && i < 1000; i++)
			usleep(10000);
		ck_assert_int_eq(kill(pid, 0), -1);
	}
}

START_TEST(ignored_children)
{
	struct sigaction sa = {.sa_handler = SIG_IGN};

	sigaction(SIGCHLD, &sa, NULL);
	no_zombies();
	sa.sa_handler = SIG_DFL;
	sa.sa_flags = SA_NOCLDWAIT;
	sigaction(SIGCHLD, &sa, NULL);
	no_zombies();
}
END_TEST

int main(void)
{
	TCase *tcase = tcase_create("deaths");

	tcase_add_loop_test(tcase, death, 0, LENGTH(deaths));
	tcase_add_test(tcase, killed);
	tcase_add_test(tcase, one_signal_each);
	tcase_add_test(tcase, no_stray_child);
	tcase_add_test(tcase, ignored_children);
	return run_suite("fork: deaths", tcase);
}
