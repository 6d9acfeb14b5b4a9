/* SPDX-License-Identifier: MIT
 *
 * A fanotify listener whose only thread forks and execs a program that it
 * watches (ClamAV's VirusEvent): the child cannot go on until the thread that
 * is in fork() has answered.
 */
#include <poll.h>
#include <sys/fanotify.h>
#include <sys/socket.h>
#include <sys/syscall.h>

#include "listener.h"

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

int main(void)
{
	TCase *tcase = tcase_create("listener");

	tcase_set_timeout(tcase, 60);
	tcase_add_loop_test(tcase, answers_for_its_child, 0, LENGTH(listeners));
	return run_suite("listener", tcase);
}
