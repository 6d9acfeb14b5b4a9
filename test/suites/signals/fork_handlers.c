/* SPDX-License-Identifier: MIT
 *
 * Handlers that run in the middle of a fork(), or in its child before the exec:
 * of faults, and of a timer.
 */
#include <pthread.h>
#include <setjmp.h>
#include <sys/time.h>

#include "util.h"

/* The application's fault handler works in the child, siglongjmp included,
 * before an exec. */
static sigjmp_buf again;

static void on_fault(int sig, siginfo_t *info, void *context UNUSED)
{
	if (info->si_addr != (void *)16 || sig != SIGSEGV)
		_exit(60);
	siglongjmp(again, 1);
}

static void faults(void)
{
	volatile int *volatile nowhere = (int *)16;
	struct sigaction sa = {.sa_sigaction = on_fault,
			       .sa_flags = SA_SIGINFO};

	sigaction(SIGSEGV, &sa, NULL);
	if (!sigsetjmp(again, 1)) {
		(void)*nowhere;
		_exit(50);
	}
	exec_exit(4);
}

START_TEST(fault_handler)
{
	both_exit(faults, 4);
}
END_TEST

/* A fork handler's fault is handled in the middle of fork(), as a collector
 * does with its barriers, and the signal mask afterwards is what it was before.
 */
static char *barrier;

static void on_barrier(int sig UNUSED, siginfo_t *info, void *context UNUSED)
{
	if ((char *)info->si_addr != barrier ||
	    mprotect(barrier, PAGE, PROT_READ | PROT_WRITE))
		_exit(60);
}

static void in_prepare(void)
{
	if (barrier)
		*(volatile char *)barrier = 1;
}

static void has_its_mask(int code)
{
	sigset_t set;

	sigprocmask(SIG_BLOCK, NULL, &set);
	for (int sig = 1; sig < 32; sig++) {
		if (sigismember(&set, sig) != (sig == SIGUSR1))
			_exit(code);
	}
}

START_TEST(fault_of_fork_handler)
{
	struct sigaction act = {.sa_sigaction = on_barrier,
				.sa_flags = SA_SIGINFO};
	sigset_t set;

	barrier =
		mmap(NULL, PAGE, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	pthread_atfork(in_prepare, NULL, NULL);
	sigaction(SIGSEGV, &act, NULL);
	sigemptyset(&set);
	sigaddset(&set, SIGUSR1);
	sigprocmask(SIG_SETMASK, &set, NULL);
	for (int i = 0; i < 3; i++) {
		pid_t pid;

		mprotect(barrier, PAGE, PROT_READ);
		pid = fork();
		has_its_mask(61);
		if (!pid)
			exec_exit(4);
		exits_with(pid, 4);
	}
}
END_TEST

/* Of a timer that hits every part of fork() sooner or later. */
static volatile sig_atomic_t caught;

static void on_tick(int sig UNUSED)
{
	caught++;
}

START_TEST(interrupted)
{
	struct itimerval timer = {{0, 300}, {0, 300}};
	struct sigaction sa = {.sa_handler = on_tick, .sa_flags = SA_RESTART};
	int before;

	sigaction(SIGALRM, &sa, NULL);
	setitimer(ITIMER_REAL, &timer, NULL);
	for (int i = 0; i < 300; i++) {
		pid_t pid = fork();

		if (!pid) {
			if (i % 10 == 0)
				_exit(4);
			exec_exit(4);
		}
		exits_with(pid, 4);
	}
	before = caught;
	while (caught == before)
		pause();
}
END_TEST

/* ---- signal() ---- */

static void handle(int sig UNUSED)
{
}

static struct sigaction by_signal(int sig, sighandler_t handler)
{
	struct sigaction set;

	signal(sig, handler);
	sigaction(sig, NULL, &set);
	signal(sig, SIG_DFL);
	return set;
}

static bool same_action(const struct sigaction *a, const struct sigaction *b)
{
	for (int sig = 1; sig < NSIG; sig++) {
		if (sigismember(&a->sa_mask, sig) !=
		    sigismember(&b->sa_mask, sig))
			return false;
	}
	return a->sa_handler == b->sa_handler && a->sa_flags == b->sa_flags;
}

/* With and without siginterrupt(), the child's call sets what its parent's
 * does, which is libc's. */
START_TEST(set_by_signal)
{
	static const sighandler_t handlers[] = {handle, SIG_IGN, SIG_DFL};

	for (int n = 0; n < 2 * LENGTH(handlers); n++) {
		sighandler_t handler = handlers[n / 2];
		struct sigaction expected, got;
		pid_t pid;

		siginterrupt(SIGUSR1, n % 2);
		expected = by_signal(SIGUSR1, handler);
		pid = fork();
		if (!pid) {
			got = by_signal(SIGUSR1, handler);
			exec_exit(same_action(&got, &expected) ? 4 : 5);
			_exit(99);
		}
		exits_with(pid, 4);
	}
}
END_TEST

int main(void)
{
	TCase *tcase = tcase_create("handlers");

	tcase_add_test(tcase, fault_handler);
	tcase_add_test(tcase, fault_of_fork_handler);
	tcase_add_test(tcase, interrupted);
	tcase_add_test(tcase, set_by_signal);
	return run_suite("fork: handlers", tcase);
}
