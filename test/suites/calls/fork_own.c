/* SPDX-License-Identifier: MIT
 *
 * What a child makes for itself, and uses, before it execs: counters, files,
 * lists of what to wait for, rules of what it may open. Step by step it goes as
 * in a child by the system call.
 */
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/uio.h>

#include "call/outcome.h"

/* Inherited. */
enum { NULL_FD = 59 };

/* ---- these commit ---- */

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

/* What is the child's alone may be set, and is as it was set. */
static void writes_proc(char *text)
{
	static const char *const names[] = {
		"/proc/self/oom_score_adj", "/proc/self/coredump_filter",
		"/proc/self/timerslack_ns", "/proc/self/comm"};

	for (int i = 0; i < LENGTH(names); i++) {
		int fd = open(names[i], O_RDWR);

		text += sprintf(text, "%d ", (int)write(fd, "51", 2));
		memset(AT(TO_OUT), 0, 16);
		text += sprintf(text, "%d ", (int)pread(fd, AT(TO_OUT), 9, 0));
		text += sprintf(text, "%.9s ", (char *)AT(TO_OUT));
		close(fd);
	}
}

/* Whose it is is all the same. */
static void writes_to_null(char *text)
{
	int own = open("/dev/null", O_RDWR);
	int fds[] = {own, dup2(own, 2), NULL_FD};

	for (int i = 0; i < LENGTH(fds); i++) {
		text += sprintf(text, "%d ",
				(int)write(fds[i], AT(TO_FILE), 300));
		text += sprintf(text, "%d ", dprintf(fds[i], "x%d\n", i));
		text += sprintf(text, "%d ",
				(int)writev(fds[i], (void *)AT(TO_VECTOR), 2));
		text += sprintf(text, "%d ", (int)read(fds[i], AT(TO_OUT), 10));
		text += sprintf(text, "%d ", (int)lseek(fds[i], 5, SEEK_SET));
	}
}

/* An event loop that is made anew: a pipe that others have, too, is in it. */
static void waits_by_epoll(char *text)
{
	int list = epoll_create1(EPOLL_CLOEXEC), other = dup(list);
	struct epoll_event *event = (struct epoll_event *)AT(TO_EVENT);
	struct epoll_event *got = (struct epoll_event *)AT(TO_WIDE);
	static const int fds[] = {PIPE_IN, OWN_IN, OWN_OUT, CLOSED, FILE_FD};

	for (int i = 0; i < LENGTH(fds); i++) {
		event->data.u64 = (uint64_t)fds[i];
		text += sprintf(text, "%d ",
				epoll_ctl(i % 2 ? list : other, EPOLL_CTL_ADD,
					  fds[i], event));
	}
	text += sprintf(text, "%d ", epoll_wait(list, got, 100, -1));
	text += sprintf(text, "%d %d ", (int)got[0].data.u64,
			(int)got[1].data.u64);
	epoll_ctl(list, EPOLL_CTL_DEL, PIPE_IN, NULL);
	event->events = EPOLLOUT;
	epoll_ctl(list, EPOLL_CTL_MOD, OWN_IN, event);
	text += sprintf(text, "%d ", epoll_wait(list, got, 100, 1));
	close(list);
	text += sprintf(text, "%d ", epoll_wait(other, got, 100, 0));
}

static void seals_what_it_gives(char *text)
{
	int fd = memfd_create("own", MFD_ALLOW_SEALING);

	text += sprintf(text, "%d ", (int)write(fd, "text", 4));
	text += sprintf(text, "%d ", fchmod(fd, 0400));
	text += sprintf(text, "%d ", fcntl(fd, F_ADD_SEALS, F_SEAL_WRITE));
	text += sprintf(text, "%d ", fcntl(fd, F_GET_SEALS));
	sprintf(text, "%d ", (int)write(fd, "more", 4));
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

/* ---- these do not ---- */

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

static const struct trial trials[] = {
	{counters, false},
	{reads_proc, false},
	{writes_proc, false},
	{writes_to_null, false},
	{waits_by_epoll, false},
	{seals_what_it_gives, false},
	{confines_itself, false},
	{confined_makes_files, true},
	{makes_files_and_confines, true},
};

static void scene(void)
{
	at_number(open("/dev/null", O_RDWR), NULL_FD);
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
