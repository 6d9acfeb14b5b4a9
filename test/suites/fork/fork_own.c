/* SPDX-License-Identifier: MIT
 *
 * What a child makes for itself, and uses, before it execs: sockets, timers,
 * memory. Step by step it goes as in a child by the system call.
 */
#include <sys/eventfd.h>
#include <sys/timerfd.h>
#include <sys/uio.h>

#include "call_outcome.h"

static struct timespec *soon(void)
{
	struct timespec *t = (struct timespec *)AT(TO_OUT3);

	*t = (struct timespec){0, 1000000};
	return t;
}

/* ---- these commit ---- */

static ssize_t send_and_receive(int *ends)
{
	struct msghdr *message = (struct msghdr *)AT(TO_MESSAGE);

	memcpy(AT(TO_PART), "abcde", 5);
	send(ends[0], AT(TO_PART), 3, 0);
	sendmsg(ends[0], message, 0);
	message->msg_iovlen = 1;
	return recvmsg(ends[1], message, 0) +
	       100 * recv(ends[1], AT(TO_PART2), 20, 0);
}

static void messages(char *text)
{
	static const int types[] = {SOCK_STREAM, SOCK_DGRAM, SOCK_SEQPACKET};
	int *ends = (int *)AT(TO_FDS), *on = (int *)AT(TO_ONE);
	char credentials[CMSG_SPACE(sizeof(struct ucred))];
	struct msghdr *rights = (struct msghdr *)AT(TO_RIGHTS);

	for (int i = 0; i < LENGTH(types); i++) {
		socketpair(AF_UNIX, types[i], 0, ends);
		text += sprintf(text, "%d ", (int)send_and_receive(ends));
		setsockopt(ends[1], SOL_SOCKET, SO_PASSCRED, on, 4);
		send(ends[0], "x", 1, 0);
		rights->msg_controllen = sizeof(credentials);
		text += sprintf(text, "%d ", (int)recvmsg(ends[1], rights, 0));
		text += sprintf(text, "%d ", (int)rights->msg_controllen);
		shutdown(ends[0], SHUT_WR);
		text += sprintf(
			text, "%d ",
			(int)recv(ends[1], AT(TO_OUT), 5, MSG_DONTWAIT));
	}
	text = say_memory(text, M(PART), false);
	say_memory(text, M(PART2), false);
}

/* On both ends of a stream, as it comes and goes. */
static void readiness(char *text)
{
	int *ends = (int *)AT(TO_FDS);
	struct pollfd *list = (struct pollfd *)AT(TO_POLL);

	socketpair(AF_UNIX, SOCK_STREAM, 0, ends);
	list[0] = (struct pollfd){ends[0], POLLIN | POLLOUT, 0};
	list[1] = (struct pollfd){ends[1], POLLIN, 0};
	text += sprintf(text, "%d ", poll(list, 2, -1));
	write(ends[0], "x", 1);
	text += sprintf(text, "%d ", poll(list + 1, 1, -1));
	text += sprintf(text, "%d ", poll(list + 6, 1, 1));
	close(ends[0]);
	text += sprintf(text, "%d ", poll(list, 2, 0));
	text += sprintf(text, "%d ", poll(NULL, 0, 1));
	say_memory(text, M(POLL), false);
}

/* haproxy's way to close what is open. */
static void closes_by_polling(char *text)
{
	struct pollfd *list = (struct pollfd *)AT(TO_WIDE);
	int n = 0;

	for (int first = 57; first < 200000; first += 1000) {
		for (int i = 0; i < 1000; i++)
			list[i] = (struct pollfd){first + i, 0, 0};
		poll(list, 1000, 0);
		for (int i = 0; i < 1000; i++)
			n += !(list[i].revents & POLLNVAL) && !close(first + i);
	}
	sprintf(text, "%d", n);
}

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

static void vectors(char *text)
{
	text += sprintf(text, "%d ",
			(int)writev(OWN_OUT, (void *)AT(TO_VECTOR), 2));
	text += sprintf(text, "%d ",
			(int)readv(OWN_IN, (void *)AT(TO_VECTOR), 2));
	text = say_memory(text, M(PART), false);
	say_memory(text, M(PART2), false);
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

static void sends_rights(char *text)
{
	char control[CMSG_SPACE(sizeof(int))] = "";
	int *ends = (int *)AT(TO_FDS), got;
	struct msghdr *m = (struct msghdr *)AT(TO_MESSAGE);

	socketpair(AF_UNIX, SOCK_STREAM, 0, ends);
	m->msg_control = control;
	m->msg_controllen = sizeof(control);
	*CMSG_FIRSTHDR(m) = (struct cmsghdr){
		.cmsg_level = SOL_SOCKET,
		.cmsg_type = SCM_RIGHTS,
		.cmsg_len = CMSG_LEN(sizeof(int)),
	};
	*(int *)(void *)CMSG_DATA(CMSG_FIRSTHDR(m)) = OURS;
	text += sprintf(text, "%d ", (int)sendmsg(ends[0], m, 0));
	*(int *)(void *)CMSG_DATA(CMSG_FIRSTHDR(m)) = FILE_FD;
	text += sprintf(text, "%d ", (int)sendmsg(ends[0], m, 0));
	text += sprintf(text, "%d ", (int)recvmsg(ends[1], m, 0));
	got = *(int *)(void *)CMSG_DATA(CMSG_FIRSTHDR(m));
	sprintf(text, "%d", got);
}

/* What it has made nobody else has; but it may ask others for an answer. */
static void sends_elsewhere(char *text)
{
	struct sockaddr_un {
		sa_family_t family;
		char name[16];
	} to = {AF_UNIX, "/no/such/socket"};
	int *ends = (int *)AT(TO_FDS);

	socketpair(AF_UNIX, SOCK_DGRAM, 0, ends);
	sprintf(text, "%d",
		(int)sendto(ends[0], "x", 1, 0, (struct sockaddr *)&to,
			    sizeof(to)));
}

static const struct trial trials[] = {
	{messages, false},
	{readiness, false},
	{closes_by_polling, false},
	{timers, false},
	{timer_descriptors, false},
	{counters, false},
	{vectors, false},
	{reads_proc, false},
	{confines_itself, false},
	{confined_makes_files, true},
	{makes_files_and_confines, true},
	{yields_and_sleeps, false},
	{yields_often, true},
	{sleeps_often, true},
	{timer_expires, true},
	{sends_rights, true},
	{sends_elsewhere, true},
};

static void scene(void)
{
	set_scene();
	for (int i = 0; i < LENGTH(trials); i++)
		same_outcome(&trials[i], i);
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
