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

static void forks(void)
{
	pid_t pid = fork();

	if (!pid)
		_exit(4);
	exits_with(pid, 4);
	_exit(5);
}

static void runs_system(void)
{
	_exit(WEXITSTATUS(system("exit 9")));
}

static void *thread_code(void *arg)
{
	return arg;
}

static void starts_a_thread(void)
{
	void *result = NULL;
	pthread_t thread;

	if (pthread_create(&thread, NULL, thread_code, (void *)4))
		_exit(1);
	pthread_join(thread, &result);
	_exit((int)(intptr_t)result);
}

static void sets_environment(void)
{
	setenv("VSPAWN_TEST_CHILD", "1", 1);
	_exit(getenv("VSPAWN_TEST_CHILD") ? 4 : 5);
}

static void changes_user(void)
{
	if (!getuid() && setuid(1))
		_exit(1);
	_exit(getuid() ? 4 : 5);
}

static pid_t parent;

static void asks_its_parent(void)
{
	setenv("VSPAWN_TEST_CHILD", "1", 1);
	_exit(getppid() == parent ? 4 : 5);
}

/* What a fork does not hand on, but is the process's own. */
static void has_own_state(void)
{
	struct itimerval timer = {.it_value.tv_sec = 1000};
	int sig = 0;

	prctl(PR_SET_PDEATHSIG, SIGUSR1);
	setitimer(ITIMER_VIRTUAL, &timer, NULL);
	setsid();
	umask(0123);
	chdir("/proc");
	setenv("VSPAWN_TEST_CHILD", "1", 1);
	prctl(PR_GET_PDEATHSIG, &sig);
	getitimer(ITIMER_VIRTUAL, &timer);
	if (sig != SIGUSR1 || timer.it_value.tv_sec < 900 ||
	    getsid(0) != getpid() || getpgrp() != getpid() ||
	    umask(0) != 0123 || access("self/status", R_OK))
		_exit(5);
	_exit(4);
}

static void has_own_group(void)
{
	setpgid(0, 0);
	setenv("VSPAWN_TEST_CHILD", "1", 1);
	_exit(getpgrp() == getpid() && getsid(0) != getpid() ? 4 : 5);
}

#define CODE(n) ((n) << 8)

static const struct {
	void (*child)(void);
	int status;
} ends[] = {
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
	{forks, CODE(5)},
	{runs_system, CODE(9)},
	{starts_a_thread, CODE(4)},
	{sets_environment, CODE(4)},
	{changes_user, CODE(4)},
	{asks_its_parent, CODE(4)},
	{has_own_state, CODE(4)},
	{has_own_group, CODE(4)},
};

static int end;

static NOINLINE void try_end(void)
{
	int reaper = -1;

	parent = getpid();
	child_status(ends[end].child, ends[end].status);
	ck_assert_ptr_null(getenv("VSPAWN_TEST_CHILD"));
	ck_assert_int_eq(prctl(PR_GET_DUMPABLE), 1);
	ck_assert_int_eq(prctl(PR_GET_CHILD_SUBREAPER, &reaper), 0);
	ck_assert_int_eq(reaper, 0);
}

START_TEST(every_end)
{
	for (end = 0; end < LENGTH(ends); end++)
		with_writers(try_end);
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
