/* SPDX-License-Identifier: MIT
 *
 * What a child sets up between fork() and exec is there after the exec:
 * exactly what the kernel's own fork leads to, and nothing more.
 */
#include <grp.h>
#include <sched.h>
#include <sys/personality.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/time.h>

#include "odd_parent.h"

static void nothing(void)
{
}

static void new_session(void)
{
	setsid();
}

static void new_group(void)
{
	setpgid(0, 0);
}

static void block_signals(void)
{
	sigset_t set;

	sigfillset(&set);
	sigdelset(&set, SIGUSR1);
	sigprocmask(SIG_SETMASK, &set, NULL);
}

static void limits(void)
{
	struct rlimit files = {.rlim_cur = 100, .rlim_max = 200};
	struct rlimit core = {0};

	setrlimit(RLIMIT_NOFILE, &files);
	prlimit(0, RLIMIT_CORE, &core, NULL);
	core.rlim_cur = core.rlim_max = 4 << 20;
	prlimit(getpid(), RLIMIT_STACK, &core, NULL);
}

static void scheduling(void)
{
	struct sched_param param = {0};
	cpu_set_t cpus;

	CPU_ZERO(&cpus);
	CPU_SET(0, &cpus);
	sched_setaffinity(0, sizeof(cpus), &cpus);
	sched_setscheduler(0, SCHED_BATCH, &param);
	(void)!nice(3);
	setpriority(PRIO_PROCESS, 0, getpriority(PRIO_PROCESS, 0) + 2);
	vs_sys(SYS_ioprio_set, 1, 0, 2 << 13 | 5);
}

static void process_options(void)
{
	prctl(PR_SET_PDEATHSIG, SIGTERM);
	prctl(PR_SET_NAME, "child");
	prctl(PR_SET_TIMERSLACK, 77777);
	prctl(PR_SET_CHILD_SUBREAPER, 1);
	prctl(PR_SET_DUMPABLE, 0);
	prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
	personality(ADDR_NO_RANDOMIZE);
}

static void timers(void)
{
	struct itimerval timer = {{50, 0}, {100, 0}};

	setitimer(ITIMER_VIRTUAL, &timer, NULL);
	setitimer(ITIMER_PROF, &timer, NULL);
	alarm(100);
}

static void other_user(void)
{
	gid_t groups[] = {7, 65534};

	(void)!setgroups(2, groups);
	(void)!setresgid(4321, 4321, 4321);
	(void)!setresuid(1234, 1234, 1234);
}

static void half_user(void)
{
	(void)!setegid(4321);
	(void)!seteuid(1234);
	(void)!chdir("/");
}

static void (*const preparations[])(void) = {
	nothing,    new_session,     new_group,	     block_signals,
	block_two,  ignore_signals,  handle_signals, limits,
	scheduling, process_options, timers,	     other_user,
	half_user};

START_TEST(after_exec)
{
	same_state(preparations[_i]);
}
END_TEST

START_TEST(after_exec_odd_parent)
{
	same_state_of_odd_parent(preparations[_i]);
}
END_TEST

int main(void)
{
	TCase *tcase = tcase_create("state");

	tcase_add_loop_test(tcase, after_exec, 0, LENGTH(preparations));
	tcase_add_loop_test(tcase, after_exec_odd_parent, 0,
			    LENGTH(preparations));
	return run_suite("fork: state", tcase);
}
