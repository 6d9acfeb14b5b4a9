/* SPDX-License-Identifier: MIT
 *
 * A process that answers for its own children: a fanotify listener whose only
 * thread forks and execs a program that it watches (ClamAV's VirusEvent), and
 * an owner of a userfaultfd that is told of each fork. The child cannot go on
 * until the thread that is in fork() has answered.
 */
#include <linux/userfaultfd.h>
#include <poll.h>
#include <sys/fanotify.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <time.h>

#include "util.h"

/* A second natively is no fork that returns; a library that waits for the
 * child waits until its own time limit, several seconds. */
enum { TOO_LONG_MS = 1000, COUNT = 4 };

static long now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

static pid_t (*const forkers[])(void) = {fork, _Fork};

static pid_t timed_fork(int i, const char *file)
{
	long began = now_ms();
	pid_t pid = forkers[i % LENGTH(forkers)]();

	if (!pid) {
		execl(file, "state", "exit", "4", NULL);
		_exit(99);
	}
	ck_assert_int_lt(now_ms() - began, TOO_LONG_MS);
	return pid;
}

/* ---- fanotify ---- */

static int allow_all(int listener)
{
	struct fanotify_event_metadata events[8], *event = events;
	ssize_t n = read(listener, events, sizeof(events));
	int answered = 0;

	for (; n > 0 && FAN_EVENT_OK(event, n);
	     event = FAN_EVENT_NEXT(event, n)) {
		struct fanotify_response answer = {event->fd, FAN_ALLOW};

		ck_assert_int_eq(write(listener, &answer, sizeof(answer)),
				 (int)sizeof(answer));
		close(event->fd);
		answered++;
	}
	return answered;
}

static int answer_until_exit(int listener, pid_t pid)
{
	struct pollfd ready = {.fd = listener, .events = POLLIN};
	int status, answered = 0;

	while (!waitpid(pid, &status, WNOHANG)) {
		poll(&ready, 1, 5);
		answered += allow_all(listener);
	}
	ck_assert_int_eq(status, 4 << 8);
	return answered;
}

static int by_number(unsigned flags, unsigned event_flags)
{
	return (int)syscall(SYS_fanotify_init, flags, event_flags);
}

static int by_name(unsigned flags, unsigned event_flags)
{
	return fanotify_init(flags, event_flags);
}

/* Ends this process with it. */
static void pass(int to, int fd)
{
	union {
		char room[CMSG_SPACE(sizeof(int))];
		struct cmsghdr align;
	} control = {{0}};
	struct iovec byte = {"", 1};
	struct msghdr message = {.msg_iov = &byte,
				 .msg_iovlen = 1,
				 .msg_control = &control,
				 .msg_controllen = sizeof(control)};
	struct cmsghdr *header = CMSG_FIRSTHDR(&message);

	header->cmsg_level = SOL_SOCKET;
	header->cmsg_type = SCM_RIGHTS;
	header->cmsg_len = CMSG_LEN(sizeof(int));
	memcpy(CMSG_DATA(header), &fd, sizeof(fd));
	_exit(sendmsg(to, &message, 0) != 1);
}

/* Of another process, which has called fanotify_init() for this one. */
static int by_socket(unsigned flags, unsigned event_flags)
{
	char room[CMSG_SPACE(sizeof(int))]
		__attribute__((aligned(sizeof(long)))),
		to;
	struct iovec byte = {&to, 1};
	struct msghdr message = {.msg_iov = &byte,
				 .msg_iovlen = 1,
				 .msg_control = room,
				 .msg_controllen = sizeof(room)};
	int ends[2], fd = -1;
	pid_t pid;

	ck_assert_int_eq(socketpair(AF_UNIX, SOCK_DGRAM, 0, ends), 0);
	pid = raw_fork();
	if (!pid)
		pass(ends[1], fanotify_init(flags, event_flags));
	if (recvmsg(ends[0], &message, MSG_CMSG_CLOEXEC) == 1 &&
	    CMSG_FIRSTHDR(&message))
		memcpy(&fd, CMSG_DATA(CMSG_FIRSTHDR(&message)), sizeof(fd));
	waitpid(pid, NULL, 0);
	return fd;
}

static const struct {
	int (*init)(unsigned flags, unsigned event_flags);
	uint64_t mask;
} listeners[] = {{by_name, FAN_OPEN_PERM},
		 {by_name, FAN_OPEN_EXEC_PERM},
		 {by_number, FAN_OPEN_PERM},
		 {by_number, FAN_OPEN_EXEC_PERM},
		 {by_socket, FAN_OPEN_EXEC_PERM}};

START_TEST(answers_for_its_child)
{
	char *file = in_folder("watched"), command[PATH_MAX + 256];
	int listener = listeners[_i].init(
		FAN_CLASS_CONTENT | FAN_CLOEXEC | FAN_NONBLOCK, O_RDONLY);

	if (listener < 0) {
		printf("skipped: fanotify_init: %s\n", strerror(errno));
		return;
	}
	snprintf(command, sizeof(command), "cp '%s' '%s'", host("state"), file);
	ck_assert_int_eq(system(command), 0);
	if (fanotify_mark(listener, FAN_MARK_ADD, listeners[_i].mask, AT_FDCWD,
			  file)) {
		printf("skipped: fanotify_mark: %s\n", strerror(errno));
		return;
	}
	for (int i = 0; i < COUNT; i++)
		ck_assert_int_gt(
			answer_until_exit(listener, timed_fork(i, file)), 0);
	close(listener);
}
END_TEST

/* ---- userfaultfd ---- */

static int told_of_forks(void)
{
	struct uffdio_api api = {.api = UFFD_API,
				 .features = UFFD_FEATURE_EVENT_FORK};
	int fd = (int)syscall(SYS_userfaultfd, O_CLOEXEC | O_NONBLOCK);

	if (fd >= 0 && !ioctl(fd, UFFDIO_API, &api))
		return fd;
	printf("skipped: userfaultfd: %s\n", strerror(errno));
	return -1;
}

static void register_some(int fd)
{
	struct uffdio_register where = {.range.len = 4L * PAGE,
					.mode = UFFDIO_REGISTER_MODE_MISSING};

	where.range.start =
		(uintptr_t)mmap(NULL, where.range.len, PROT_READ | PROT_WRITE,
				MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	ck_assert_int_eq(ioctl(fd, UFFDIO_REGISTER, &where), 0);
}

/* A fork waits until its event has been read, so another process reads them,
 * until `end` is closed; their number is its exit status. */
_Noreturn static void read_events(int fd, int end)
{
	struct pollfd ready[] = {{fd, POLLIN, 0}, {end, POLLIN, 0}};
	struct uffd_msg message;
	int events = 0;

	while (poll(ready, 2, -1) > 0 && !ready[1].revents) {
		if (read(fd, &message, sizeof(message)) != sizeof(message))
			continue;
		events += message.event == UFFD_EVENT_FORK;
		close((int)message.arg.fork.ufd);
	}
	_exit(events);
}

/* Where the children exec, and where they work on. */
static pid_t fork_some(int i, bool become)
{
	pid_t pid;

	if (become)
		return timed_fork(i, host("state"));
	pid = forkers[i % LENGTH(forkers)]();
	if (!pid)
		_exit(4);
	return pid;
}

START_TEST(one_event_each)
{
	int fds[2], fd = told_of_forks();
	pid_t reader;

	if (fd < 0)
		return;
	ck_assert_int_eq(pipe2(fds, O_CLOEXEC), 0);
	reader = raw_fork();
	if (!reader) {
		close(fds[1]);
		read_events(fd, fds[0]);
	}
	close(fds[0]);
	register_some(fd);
	for (int i = 0; i < COUNT; i++)
		exits_with(fork_some(i, _i), 4);
	close(fds[1]);
	exits_with(reader, COUNT);
}
END_TEST

int main(void)
{
	TCase *tcase = tcase_create("listener");

	tcase_set_timeout(tcase, 60);
	tcase_add_loop_test(tcase, answers_for_its_child, 0, LENGTH(listeners));
	tcase_add_loop_test(tcase, one_event_each, 0, 2);
	return run_suite("listener", tcase);
}
