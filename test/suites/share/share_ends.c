/* SPDX-License-Identifier: MIT
 * fork() that shares memory: how a child ends. */
#include "share_test.h"

static void quiet(void)
{
	dup2(open("/dev/null", O_WRONLY), 2);
}

static void exits_at_once(void)
{
	_exit(3);
}

static void exits_by_exit(void)
{
	exit(7);
}

static void execs(void)
{
	exec_exit(5);
}

static void execs_by_path(void)
{
	execlp("sh", "sh", "-c", "exit 6", NULL);
}

static void aborts(void)
{
	abort();
}

static void raises(void)
{
	raise(SIGUSR2);
}

static void is_killed(void)
{
	kill(getpid(), SIGKILL);
}

static volatile int *volatile nowhere;

static void faults(void)
{
	*nowhere = 1;
}

static void fails_and_exits_at_once(void)
{
	exec_fails();
	_exit(127);
}

static void fails_and_exits(void)
{
	exec_fails();
	exit(7);
}

static void fails_and_reports(void)
{
	quiet();
	exec_fails();
	perror("exec");
	exit(6);
}

static void fails_and_execs(void)
{
	for (int i = 0; i < 20; i++)
		exec_fails();
	exec_exit(9);
}

static void fails_and_faults(void)
{
	exec_fails();
	faults();
}

static void fails_allocates_and_execs(void)
{
	char *volatile big;

	exec_fails();
	big = malloc(50 << 20);
	big[12345] = 1;
	quiet();
	perror(big);
	free(big);
	exec_fails();
	exec_exit(9);
}

/* SIGSYS is what the library uses to watch; the program must not see. */
static void fails_with_sigsys(void)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGSYS);
	sigprocmask(SIG_BLOCK, &set, NULL);
	signal(SIGSYS, SIG_IGN);
	exec_fails();
	exec_fails();
	execl("/bin/sh", "sh", "-c",
	      "set -- $(grep -h -e ^SigBlk -e ^SigIgn /proc/$$/status); "
	      "test $((0x$2 >> 30 & 1)) = 1 && "
	      "test $((0x$4 >> 30 & 1)) = 1 && exit 8",
	      NULL);
}

static void fails_and_asks_sigsys(void)
{
	struct sigaction now;
	sigset_t set;

	exec_fails();
	sigaction(SIGSYS, NULL, &now);
	sigprocmask(SIG_BLOCK, NULL, &set);
	_exit(now.sa_handler == SIG_DFL && !sigismember(&set, SIGSYS) ? 8 : 9);
}

static const struct end ends[] = {
	{exits_at_once, CODE(3)},
	{exits_by_exit, CODE(7)},
	{execs, CODE(5)},
	{execs_by_path, CODE(6)},
	{aborts, SIGABRT},
	{raises, SIGUSR2},
	{is_killed, SIGKILL},
	{faults, SIGSEGV},
	{fails_and_exits_at_once, CODE(127)},
	{fails_and_exits, CODE(7)},
	{fails_and_reports, CODE(6)},
	{fails_and_execs, CODE(9)},
	{fails_and_faults, SIGSEGV},
	{fails_allocates_and_execs, CODE(9)},
	{fails_with_sigsys, CODE(8)},
	{fails_and_asks_sigsys, CODE(8)},
};

START_TEST(every_end)
{
	try_ends(ends, LENGTH(ends));
}
END_TEST

static void add_all(TCase *tcase)
{
	tcase_add_test(tcase, every_end);
}

int main(void)
{
	return run_share_suite("ends", add_all);
}
