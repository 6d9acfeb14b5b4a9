/* SPDX-License-Identifier: MIT
 *
 * system(): signals, children and errors, as glibc has them whichever way it
 * makes the process.
 */
#include "util.h"

START_TEST(statuses)
{
	errno = 77;
	ck_assert_int_eq(system("exit 0"), 0);
	ck_assert_int_eq(system("exit 7"), 7 << 8);
	ck_assert_int_eq(system("no-such-command 2>/dev/null"), 127 << 8);
	ck_assert_int_eq(system("kill -TERM $$"), SIGTERM);
	ck_assert_int_eq(system(""), 0);
	ck_assert_int_eq(errno, 77);
	ck_assert_int_ne(system(NULL), 0);
}
END_TEST

static volatile sig_atomic_t handled;

static void on_signal(int sig)
{
	handled += sig;
}

static void same_action(int sig, const struct sigaction *expected)
{
	struct sigaction now;

	sigaction(sig, NULL, &now);
	ck_assert_ptr_eq((void *)now.sa_handler, (void *)expected->sa_handler);
	ck_assert_int_eq(now.sa_flags & ~0x04000000,
			 expected->sa_flags & ~0x04000000);
	ck_assert_int_eq(sigismember(&now.sa_mask, SIGUSR2), 1);
}

/* Ignored here, at their defaults in the command. */
START_TEST(interrupt_and_quit)
{
	struct sigaction action = {.sa_handler = on_signal,
				   .sa_flags = SA_RESTART};

	sigaddset(&action.sa_mask, SIGUSR2);
	sigaction(SIGINT, &action, NULL);
	sigaction(SIGQUIT, &action, NULL);
	ck_assert_int_eq(system("kill -INT $PPID; kill -QUIT $PPID; exit 3"),
			 3 << 8);
	ck_assert_int_eq(handled, 0);
	ck_assert_int_eq(system("kill -INT $$; exit 3"), SIGINT);
	ck_assert_int_eq(system("ulimit -c 0; kill -QUIT $$; exit 3") & 0x7f,
			 SIGQUIT);
	same_action(SIGINT, &action);
	same_action(SIGQUIT, &action);
	raise(SIGINT);
	ck_assert_int_eq(handled, SIGINT);
}
END_TEST

START_TEST(ignored_stays_ignored)
{
	signal(SIGINT, SIG_IGN);
	signal(SIGQUIT, SIG_DFL);
	ck_assert_int_eq(system("kill -INT $$; exit 3"), 3 << 8);
	ck_assert_int_eq(system("kill -QUIT $$; exit 3") & 0x7f, SIGQUIT);
	ck_assert_ptr_eq((void *)signal(SIGINT, SIG_DFL), (void *)SIG_IGN);
}
END_TEST

/* SIGCHLD waits; the command's own mask is nothing that its shell leaves as
 * it is. */
START_TEST(masks)
{
	sigset_t set, now;

	sigemptyset(&set);
	sigaddset(&set, SIGUSR1);
	sigprocmask(SIG_SETMASK, &set, NULL);
	signal(SIGCHLD, on_signal);
	/* The caller may still be inside posix_spawn(). */
	ck_assert_int_eq(system("kill -CHLD $PPID; "
				"for i in 1 2 3 4 5 6 7 8 9 10; do "
				"grep -q '^SigBlk:.0000000000010200' "
				"/proc/$PPID/status && exit 0; "
				"sleep 0.1; done; exit 1"),
			 0);
	ck_assert_int_eq(handled, SIGCHLD);
	sigprocmask(SIG_SETMASK, NULL, &now);
	ck_assert_int_eq(memcmp(&now, &set, 8), 0);
}
END_TEST

START_TEST(other_children_are_left_alone)
{
	pid_t pid = fork();

	if (!pid)
		_exit(5);
	ck_assert_int_eq(system("exit 6"), 6 << 8);
	exits_with(pid, 5);
	ck_assert_int_eq(waitpid(-1, NULL, WNOHANG | __WALL), -1);
}
END_TEST

START_TEST(nobody_to_wait_for)
{
	signal(SIGCHLD, SIG_IGN);
	ck_assert_int_eq(system("exit 6"), -1);
	ck_assert_int_eq(errno, ECHILD);
}
END_TEST

/* In children, of which one has no shell. */
static void in_a_child(void)
{
	_exit(system("exit 6") == 6 << 8 ? 4 : 5);
}

static void without_a_shell(void)
{
	int status;

	if (chroot(folder) || chdir("/"))
		_exit(4); /* not root */
	errno = 0;
	status = system("exit 0");
	/* -1 between glibc 2.29 and 2.33 */
	if (status != -1 && (status != 127 << 8 || errno != ENOENT))
		_exit(5);
	if (system(NULL))
		_exit(6);
	_exit(4);
}

START_TEST(in_children)
{
	both_exit(in_a_child, 4);
	both_exit(without_a_shell, 4);
}
END_TEST

int main(void)
{
	TCase *tcase = tcase_create("system");

	tcase_add_test(tcase, statuses);
	tcase_add_test(tcase, interrupt_and_quit);
	tcase_add_test(tcase, ignored_stays_ignored);
	tcase_add_test(tcase, masks);
	tcase_add_test(tcase, other_children_are_left_alone);
	tcase_add_test(tcase, nobody_to_wait_for);
	tcase_add_test(tcase, in_children);
	return run_suite("system", tcase);
}
