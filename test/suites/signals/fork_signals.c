/* SPDX-License-Identifier: MIT
 *
 * Signals around fork(): masks, dispositions and pending ones in the child
 * before it execs and in the parent after it, and how children die.
 */
#include "util.h"

static volatile sig_atomic_t caught, caught_value;

static void on_signal(int sig, siginfo_t *info, void *context UNUSED)
{
	caught = sig;
	caught_value = info->si_value.sival_int;
}

static void catch_signal(int sig, int flags)
{
	struct sigaction sa = {.sa_sigaction = on_signal,
			       .sa_flags = SA_SIGINFO | flags};

	ck_assert_int_eq(sigaction(sig, &sa, NULL), 0);
}

/* Masks and dispositions as one text. Shows the kernel's view only by what
 * libc tells, as an application would ask. */
static void describe(char text[NSIG * 16])
{
	sigset_t set;

	sigprocmask(SIG_BLOCK, NULL, &set);
	for (int sig = 1; sig < NSIG; sig++) {
		struct sigaction sa = {0};

		if (sigaction(sig, NULL, &sa))
			continue;
		text += sprintf(text, "%d:%d:%lx:%x ", sig,
				sigismember(&set, sig), (long)sa.sa_handler,
				sa.sa_flags & ~0x04000000);
	}
}

static char before[NSIG * 16], now[NSIG * 16];

static bool as_before(void)
{
	describe(now);
	if (strcmp(now, before))
		fprintf(stderr, "expected %s\n     got %s\n", before, now);
	return !strcmp(now, before);
}

static void compare_and_exec(void)
{
	if (as_before())
		exec_exit(4);
	_exit(50);
}

static void compare_and_exit(void)
{
	_exit(as_before() ? 4 : 50);
}

/* In a child that execs, in one that does not, and afterwards. */
static void same_everywhere(void)
{
	describe(before);
	both_exit(compare_and_exit, 4);
	both_exit(compare_and_exec, 4);
	ck_assert(as_before());
}

START_TEST(masks_and_handlers)
{
	const int special[] = {SIGSEGV, SIGSYS, SIGCHLD, SIGUSR1, SIGRTMIN + 2};
	sigset_t set;

	same_everywhere();
	sigemptyset(&set);
	for (int i = 0; i < LENGTH(special); i++)
		sigaddset(&set, special[i]);
	sigprocmask(SIG_SETMASK, &set, NULL);
	same_everywhere();
	for (int i = 0; i < LENGTH(special); i++)
		catch_signal(special[i], i % 2 ? SA_RESTART : SA_ONSTACK);
	same_everywhere();
	for (int i = 0; i < LENGTH(special); i++) {
		if (special[i] != SIGCHLD)
			signal(special[i], SIG_IGN);
	}
	same_everywhere();
	sigfillset(&set);
	sigprocmask(SIG_SETMASK, &set, NULL);
	same_everywhere();
}
END_TEST

/* What the child changes is its own and works at once. */
static void handles(void)
{
	sigset_t set, old;

	catch_signal(SIGUSR1, 0);
	catch_signal(SIGSEGV, 0);
	catch_signal(SIGSYS, 0);
	sigfillset(&set);
	sigprocmask(SIG_BLOCK, &set, &old);
	raise(SIGUSR1);
	if (caught)
		_exit(50);
	sigprocmask(SIG_SETMASK, &old, &set);
	if (caught != SIGUSR1 || !sigismember(&set, SIGSYS))
		_exit(51);
	raise(SIGSEGV);
	if (caught != SIGSEGV)
		_exit(52);
	kill(getpid(), SIGSYS);
	if (caught != SIGSYS)
		_exit(53);
	exec_exit(4);
}

START_TEST(child_handles)
{
	struct sigaction sa;

	both_exit(handles, 4);
	ck_assert_int_eq(caught, 0);
	sigaction(SIGUSR1, NULL, &sa);
	ck_assert_ptr_eq(sa.sa_handler, SIG_DFL);
	sigaction(SIGSYS, NULL, &sa);
	ck_assert_ptr_eq(sa.sa_handler, SIG_DFL);
}
END_TEST

/* Pending signals are the parent's own. */
static void nothing_pending(void)
{
	sigset_t set;

	sigpending(&set);
	if (sigismember(&set, SIGUSR1) || sigismember(&set, SIGUSR2))
		_exit(50);
	exec_exit(4);
}

START_TEST(pending)
{
	union sigval value = {.sival_int = 77};
	sigset_t set;

	catch_signal(SIGUSR1, 0);
	catch_signal(SIGUSR2, 0);
	sigemptyset(&set);
	sigaddset(&set, SIGUSR1);
	sigaddset(&set, SIGUSR2);
	sigprocmask(SIG_BLOCK, &set, NULL);
	raise(SIGUSR2);
	sigqueue(getpid(), SIGUSR1, value);
	both_exit(nothing_pending, 4);
	ck_assert_int_eq(caught, 0);
	sigpending(&set);
	ck_assert(sigismember(&set, SIGUSR1) && sigismember(&set, SIGUSR2));
	sigdelset(&set, SIGUSR2);
	sigprocmask(SIG_UNBLOCK, &set, NULL);
	ck_assert_int_eq(caught, SIGUSR1);
	ck_assert_int_eq(caught_value, 77);
}
END_TEST

/* A pending SIGSYS, ours to borrow while fork() runs. */
START_TEST(pending_special)
{
	union sigval value = {.sival_int = 78};
	sigset_t set;

	catch_signal(SIGSYS, 0);
	catch_signal(SIGSEGV, 0);
	sigemptyset(&set);
	sigaddset(&set, SIGSYS);
	sigaddset(&set, SIGSEGV);
	sigprocmask(SIG_BLOCK, &set, NULL);
	sigqueue(getpid(), SIGSYS, value);
	raise(SIGSEGV);
	both_exit(nothing_pending, 4);
	ck_assert_int_eq(caught, 0);
	sigdelset(&set, SIGSEGV);
	sigprocmask(SIG_UNBLOCK, &set, NULL);
	ck_assert_int_eq(caught, SIGSYS);
	ck_assert_int_eq(caught_value, 78);
	sigemptyset(&set);
	sigaddset(&set, SIGSEGV);
	sigprocmask(SIG_UNBLOCK, &set, NULL);
	ck_assert_int_eq(caught, SIGSEGV);
}
END_TEST

int main(void)
{
	TCase *tcase = tcase_create("signals");

	tcase_add_test(tcase, masks_and_handlers);
	tcase_add_test(tcase, child_handles);
	tcase_add_test(tcase, pending);
	tcase_add_test(tcase, pending_special);
	return run_suite("fork: signals", tcase);
}
