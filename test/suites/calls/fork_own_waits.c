/* SPDX-License-Identifier: MIT
 *
 * What a child waits for before it execs, and what it has sent itself: timers,
 * short sleeps, signals. Step by step it goes as in a child by the system call.
 */
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
	/* Once more, which libc may take for a pointer (glibc before 2.34). */
	text += sprintf(text, "%ld ", syscall(SYS_timer_delete, 99));
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

/* Until a time that comes soon, or is over; and for signals that do not come.
 * (kill() with 0 asks whether there is somebody.) */
static void waits_for_what_is_not_sent(char *text)
{
	struct timespec *t = (struct timespec *)AT(TO_OUT2);
	sigset_t *set = (sigset_t *)AT(TO_OUT);

	clock_gettime(CLOCK_MONOTONIC, t);
	t->tv_nsec += 2000000;
	if (t->tv_nsec >= 1000000000) {
		t->tv_nsec -= 1000000000;
		t->tv_sec++;
	}
	for (int i = 0; i < 2; i++)
		text += sprintf(text, "%d ",
				clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME,
						t, NULL));
	sigfillset(set);
	text += sprintf(text, "%d ", sigtimedwait(set, NULL, soon()));
	text += sprintf(text, "%d ", errno);
	text += sprintf(text, "%d %d ", kill(getpid(), 0), kill(getppid(), 0));
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

static void sleeps_until_later(char *text)
{
	struct timespec *t = (struct timespec *)AT(TO_OUT2);

	clock_gettime(CLOCK_REALTIME, t);
	t->tv_nsec = 0;
	t->tv_sec += 2;
	sprintf(text, "%d",
		clock_nanosleep(CLOCK_REALTIME, TIMER_ABSTIME, t, NULL));
}

/* It waits, or has a handler. */
static void takes_a_signal(char *text)
{
	sigset_t *set = (sigset_t *)AT(TO_OUT);

	sigemptyset(set);
	sigaddset(set, SIGALRM);
	sigprocmask(SIG_BLOCK, set, NULL);
	setitimer(ITIMER_REAL, &(struct itimerval){{0, 0}, {0, 300}}, NULL);
	text += sprintf(text, "%d ", sigtimedwait(set, NULL, soon()));
}

static volatile int handled;

static void handle(int sig)
{
	handled += sig;
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
	sprintf(text, "%d %d", timer_delete(timer), handled);
}

/* So they do, if it is blocked only then. */
static void alarm_is_blocked(char *text)
{
	sigset_t *set = (sigset_t *)AT(TO_OUT);

	signal(SIGALRM, handle);
	setitimer(ITIMER_REAL, &(struct itimerval){{0, 0}, {0, 300}}, NULL);
	nanosleep(soon(), NULL);
	sigemptyset(set);
	sigaddset(set, SIGALRM);
	sigprocmask(SIG_BLOCK, set, NULL);
	sprintf(text, "%d", handled);
}

static void alarm_is_asked_for(char *text)
{
	sigset_t *set = (sigset_t *)AT(TO_OUT);

	signal(SIGALRM, handle);
	setitimer(ITIMER_REAL, &(struct itimerval){{0, 0}, {0, 300}}, NULL);
	nanosleep(soon(), NULL);
	sigpending(set);
	sprintf(text, "%d %d", handled, sigismember(set, SIGALRM));
	signal(SIGALRM, SIG_IGN);
}

static void pipe_breaks(char *text)
{
	int ends[2];

	signal(SIGPIPE, handle);
	if (pipe(ends) || close(ends[0]))
		_exit(98);
	text += sprintf(text, "%d ", (int)write(ends[1], "x", 1));
	signal(SIGPIPE, SIG_IGN);
	sprintf(text, "%d", handled);
}

static const struct trial trials[] = {
	{timers, false},
	{timer_descriptors, false},
	{waits_for_what_is_not_sent, false},
	{yields_and_sleeps, false},
	{yields_often, true},
	{sleeps_often, true},
	{sleeps_until_later, true},
	{takes_a_signal, true},
	{timer_expires, true},
	{alarm_is_blocked, true},
	{alarm_is_asked_for, true},
	{pipe_breaks, true},
};

static void scene(void)
{
	same_outcomes(trials, LENGTH(trials));
}

START_TEST(own_waits)
{
	play_counted(scene);
}
END_TEST

int main(int argc UNUSED, char **argv)
{
	TCase *tcase = tcase_create("own waits");

	make_counts();
	tcase_add_test(tcase, own_waits);
	return run_scenes("fork: own waits", tcase, argv);
}
