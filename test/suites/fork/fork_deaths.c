/* SPDX-License-Identifier: MIT
 *
 * How children of fork() end: of what they would, and when they would.
 */
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

int main(void)
{
	TCase *tcase = tcase_create("deaths");

	tcase_add_loop_test(tcase, death, 0, LENGTH(deaths));
	tcase_add_test(tcase, killed);
	return run_suite("fork: deaths", tcase);
}
