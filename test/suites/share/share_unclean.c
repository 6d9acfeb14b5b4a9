/* SPDX-License-Identifier: MIT
 *
 * fork() that shares memory: a child that is not clean, for it forks, starts
 * threads or changes what is its parent's, too. It has to be a child of its own
 * then, with all that it had set up before.
 */
#include "share_test.h"

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

static const struct end ends[] = {
	{forks, CODE(5)},	    {runs_system, CODE(9)},
	{starts_a_thread, CODE(4)}, {sets_environment, CODE(4)},
	{changes_user, CODE(4)},    {asks_its_parent, CODE(4)},
	{has_own_state, CODE(4)},   {has_own_group, CODE(4)},
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
	return run_share_suite("unclean", add_all);
}
