/* SPDX-License-Identifier: MIT
 *
 * An owner of a userfaultfd that is told of each fork: a fork waits until that
 * has been read, and each is told of once.
 */
#include <linux/userfaultfd.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>

#include "listener.h"

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
	tcase_add_loop_test(tcase, one_event_each, 0, 2);
	return run_suite("listener of page faults", tcase);
}
