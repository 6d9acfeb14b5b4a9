/* SPDX-License-Identifier: MIT
 *
 * What a child makes for itself, and uses, before it execs: timers, counters,
 * files, rules of what it may open. Step by step it goes as in a child by the
 * system call.
 */
#include <sys/eventfd.h>
#include <sys/timerfd.h>

#include "call/outcome.h"

static struct timespec *soon(void)
{
	struct timespec *t = (struct timespec *)AT(TO_OUT3);

	*t = (struct timespec){0, 1000000};
	return t;
}

/* ---- these commit ---- */

static void timers(char *text)
{
	timer_t first, second;
	struct itimerspec *set = (struct itimerspec *)AT(TO_TIMER);
	struct sigevent *event = (struct sigevent *)AT(TO_OUT);

	memset(event, 0, sizeof(*event));
	event->sigev_notify = SIGEV_NONE;
	*set = (struct itimerspec){{0, 0}, {100, 0}};
	text += sprintf(text, "%d ",
			timer_create(CLOCK_MONOTONIC, NULL, &first));
	text += sprintf(text, "%d ",
			timer_create(CLOCK_REALTIME, event, &second));
	text += sprintf(text, "%p %p ", first, second);
	text += sprintf(text, "%d ", timer_settime(first, 0, set, NULL));
	text += sprintf(text, "%d ", timer_settime(second, 0, set, NULL));
	timer_gettime(first, set);
	text += sprintf(text, "%d ", (int)set->it_value.tv_sec / 2);
	text += sprintf(text, "%d ", timer_getoverrun(second));
	text += sprintf(text, "%d ", timer_delete(second));
	text += sprintf(text, "%d ", timer_delete(second));
}

static void timer_descriptors(char *text)
{
	int fd = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK);
	struct itimerspec set = {{0, 0}, {0, 1}};
	struct pollfd ready = {fd, POLLIN, 0};

	text += sprintf(text, "%d ", (int)read(fd, AT(TO_OUT), 8));
	text += sprintf(text, "%d ", timerfd_settime(fd, 0, &set, NULL));
	nanosleep(soon(), NULL);
	text += sprintf(text, "%d ", poll(&ready, 1, -1));
	text += sprintf(text, "%d ", (int)read(fd, AT(TO_OUT), 8));
	text += sprintf(text, "%d ", timerfd_gettime(fd, &set));
	say_memory(text, M(OUT), false);
}

/* What is new is nobody else's to see: it may be written to. */
static void counters(char *text)
{
	uint64_t *n = (uint64_t *)AT(TO_OUT);
	int fds[] = {eventfd(3, 0), memfd_create("own", 0),
#ifdef SYS_eventfd
		     (int)syscall(SYS_eventfd, 3)
#endif
	};

	for (int i = 0; i < LENGTH(fds); i++) {
		*n = 4;
		text += sprintf(text, "%d ", (int)write(fds[i], n, 8));
		text += sprintf(text, "%d ", (int)read(fds[i], n, 8));
		text += sprintf(text, "%d ", (int)*n);
	}
}

/* What /proc tells every process alike. */
static void reads_proc(char *text)
{
	static const char *const names[] = {
		"/proc/self/limits",	  "/proc/self/cgroup",
		"/proc/self/mountinfo",	  "/proc/self/mounts",
		"/proc/self/uid_map",	  "/proc/self/comm",
		"/proc/filesystems",	  "/proc/version",
		"/proc/sys/kernel/ostype"};

	for (int i = 0; i < LENGTH(names); i++) {
		int fd = open(names[i], O_RDONLY);

		memset(AT(TO_WIDE), PATTERN, LARGEST);
		text += sprintf(text, "%d ",
				(int)read(fd, AT(TO_WIDE), LARGEST));
		text = say_memory(text, M(WIDE), false);
		close(fd);
	}
}

/* Only what is below one folder may be read any more. */
static int confine(void)
{
	long rules = vs_sys(SYS_landlock_create_ruleset, AT(TO_RULES), 8, 0);

	*(uint64_t *)AT(TO_RULES) = 1 << 2; /* LANDLOCK_ACCESS_FS_READ_FILE */
	close((int)rules);
	rules = vs_sys(SYS_landlock_create_ruleset, AT(TO_RULES), 8, 0);
	*(uint64_t *)AT(TO_RULE) = 1 << 2;
	((int *)AT(TO_RULE))[2] = DIR_FD;
	vs_sys(SYS_landlock_add_rule, rules, 1, AT(TO_RULE), 0);
	prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
	return (int)vs_sys(SYS_landlock_restrict_self, rules, 0);
}

static void confines_itself(char *text)
{
	text += sprintf(text, "%d ", confine());
	text += sprintf(text, "%ld ",
			vs_sys(SYS_openat, AT_FDCWD, AT(TO_FILE), O_RDONLY));
	text += sprintf(text, "%ld ",
			vs_sys(SYS_openat, AT_FDCWD, "/etc/passwd", O_RDONLY));
	for (int fd = 200; fd < 300; fd++)
		text += close(fd) ? 0 : sprintf(text, "%d ", fd);
}

static void yields_and_sleeps(char *text)
{
	for (int i = 0; i < 30; i++)
		sched_yield();
	for (int i = 0; i < 5; i++)
		nanosleep(soon(), NULL);
	sprintf(text, "%d", sched_yield());
}

/* ---- these do not ---- */

/* It seems to wait for somebody. */
static void yields_often(char *text)
{
	for (int i = 0; i < 1000; i++)
		sched_yield();
	sprintf(text, "%d", sched_yield());
}

static void sleeps_often(char *text)
{
	for (int i = 0; i < 15; i++)
		nanosleep(soon(), NULL);
	sprintf(text, "%d", sched_yield());
}

/* It could not take them away. */
static void confined_makes_files(char *text)
{
	text += sprintf(text, "%d ", confine());
	sprintf(text, "%d", open((char *)AT(TO_NEW), O_WRONLY | O_CREAT, 0600));
}

static void makes_files_and_confines(char *text)
{
	text += sprintf(text, "%d ",
			open((char *)AT(TO_NEW), O_WRONLY | O_CREAT, 0600));
	sprintf(text, "%d ", confine());
}

static void handle(int sig UNUSED)
{
}

/* A handler would run, or the signal kill. */
static void timer_expires(char *text)
{
	timer_t timer;
	struct itimerspec set = {{0, 0}, {0, 1}};

	signal(SIGALRM, SIG_IGN);
	timer_create(CLOCK_MONOTONIC, NULL, &timer);
	signal(SIGALRM, handle);
	timer_settime(timer, 0, &set, NULL);
	nanosleep(soon(), NULL);
	signal(SIGALRM, SIG_IGN);
	kill(getpid(), 0);
	sprintf(text, "%d", timer_delete(timer));
}

static const struct trial trials[] = {
	{timers, false},
	{timer_descriptors, false},
	{counters, false},
	{reads_proc, false},
	{confines_itself, false},
	{confined_makes_files, true},
	{makes_files_and_confines, true},
	{yields_and_sleeps, false},
	{yields_often, true},
	{sleeps_often, true},
	{timer_expires, true},
};

static void scene(void)
{
	same_outcomes(trials, LENGTH(trials));
}

START_TEST(own)
{
	play_counted(scene);
}
END_TEST

int main(int argc UNUSED, char **argv)
{
	TCase *tcase = tcase_create("own");

	make_counts();
	tcase_add_test(tcase, own);
	return run_scenes("fork: own", tcase, argv);
}
