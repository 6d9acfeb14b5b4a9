/* SPDX-License-Identifier: MIT
 *
 * A program that handles the page faults of its own memory (userfaultfd), and
 * its children's: each fork tells its monitor once, and what is missing in the
 * child is asked for by the child.
 */
#include <linux/userfaultfd.h>
#include <poll.h>
#include <pthread.h>
#include <sys/ioctl.h>

#include "util.h"

enum { AREA = 2 << 20, FORKS = 10, CHILDREN = 64 };

static char *area;
static int monitored;
static _Atomic int forks, faults;
static _Atomic bool stop;

/* ---- the monitor ---- */

static void fill(int fd, uint64_t address)
{
	static char page[PAGE];
	struct uffdio_copy copy = {.dst = address & -(uint64_t)PAGE,
				   .src = (uint64_t)(uintptr_t)page,
				   .len = PAGE};

	memset(page, 'u', PAGE);
	ioctl(fd, UFFDIO_COPY, &copy);
}

static void *monitors(void *unused)
{
	struct pollfd fds[CHILDREN] = {{.fd = monitored, .events = POLLIN}};
	struct uffd_msg msg;
	int n = 1;

	while (!stop) {
		if (poll(fds, (nfds_t)n, 10) <= 0)
			continue;
		for (int i = 0; i < n; i++) {
			if (read(fds[i].fd, &msg, sizeof(msg)) != sizeof(msg))
				continue;
			if (msg.event == UFFD_EVENT_FORK) {
				forks++;
				fds[n].fd = (int)msg.arg.fork.ufd;
				fds[n++].events = POLLIN;
			} else if (msg.event == UFFD_EVENT_PAGEFAULT) {
				faults++;
				fill(fds[i].fd, msg.arg.pagefault.address);
			}
		}
	}
	while (n > 1)
		close(fds[--n].fd);
	return unused;
}

/* False, and says why, where this cannot be. The first half is filled. */
static bool register_area(uint64_t mode)
{
	struct uffdio_api api = {.api = UFFD_API,
				 .features = UFFD_FEATURE_EVENT_FORK};
	struct uffdio_register reg = {.mode = mode};

	monitored = (int)syscall(SYS_userfaultfd, O_CLOEXEC | O_NONBLOCK);
	area = mmap(NULL, AREA, PROT_READ | PROT_WRITE,
		    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	madvise(area, AREA, MADV_NOHUGEPAGE);
	memset(area, 'a', AREA / 2);
	reg.range.start = (uint64_t)(uintptr_t)area;
	reg.range.len = AREA;
	if (monitored >= 0 && !ioctl(monitored, UFFDIO_API, &api) &&
	    !ioctl(monitored, UFFDIO_REGISTER, &reg))
		return true;
	printf("skipped: userfaultfd: %s\n", strerror(errno));
	return false;
}

/* ---- the children ---- */

static int touches_nothing(int n UNUSED)
{
	return 4;
}

static int reads_what_is_there(int n)
{
	return area[n * PAGE] == 'a' && area[AREA / 2 - 1] == 'a' ? 4 : 50;
}

/* Each another page, that is still missing in all. */
static int reads_what_is_missing(int n)
{
	return area[AREA / 2 + n * PAGE] == 'u' ? 4 : 51;
}

static int (*const children[])(int) = {touches_nothing, reads_what_is_there,
				       reads_what_is_missing};

static void fork_many(int (*child)(int))
{
	for (int n = 0; n < FORKS; n++) {
		pid_t pid = n % 2 ? fork() : _Fork();

		if (!pid) {
			int code = child(n);

			if (n % 3)
				exec_exit_static(code);
			_exit(code);
		}
		exits_with(pid, 4);
	}
}

START_TEST(one_event_each)
{
	int missing = _i == 2 ? FORKS : 0;
	pthread_t monitor;

	if (!register_area(UFFDIO_REGISTER_MODE_MISSING))
		return;
	ck_assert_int_eq(pthread_create(&monitor, NULL, monitors, NULL), 0);
	fork_many(children[_i]);
	stop = true;
	pthread_join(monitor, NULL);
	ck_assert_int_eq(forks, FORKS);
	ck_assert_int_eq(faults, missing);
}
END_TEST

int main(void)
{
	TCase *tcase = tcase_create("userfault");

	tcase_add_loop_test(tcase, one_event_each, 0, LENGTH(children));
	return run_suite("exact: page faults by a monitor", tcase);
}
