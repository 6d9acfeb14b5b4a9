/* SPDX-License-Identifier: MIT
 *
 * A process that sends signals to a child of this one at some moment between
 * its birth and the end of its exec. It finds the child in /proc, because
 * fork() need not have returned yet.
 */
#ifndef TEST_SENDER_H
#define TEST_SENDER_H

#include <sys/prctl.h>
#include <time.h>

#include "util.h"

struct order {
	int sig, times;
	bool group;	/* that of its parent, too */
	unsigned delay; /* us, after the child has been seen */
	int value;	/* of the first one, if not to the group */
};

struct sender {
	pid_t pid;
	int orders, answers;
};

static uint64_t now_us(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000000 + (uint64_t)t.tv_nsec / 1000;
}

static void spin(unsigned us)
{
	uint64_t end = now_us() + us;

	while (now_us() < end)
		;
}

/* A child of `parent` that is not the caller, or 0. */
static pid_t child_of(pid_t parent)
{
	char path[64], text[256], *at = text, *next;
	ssize_t n;
	pid_t pid;
	int fd;

	snprintf(path, sizeof(path), "/proc/%d/task/%d/children", parent,
		 parent);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	n = read(fd, text, sizeof(text) - 1);
	close(fd);
	text[n > 0 ? n : 0] = '\0';
	for (; (pid = (pid_t)strtol(at, &next, 10)); at = next) {
		if (pid != getpid())
			return pid;
	}
	return 0;
}

static int send_one(const struct order *order, pid_t parent, int n)
{
	union sigval value = {.sival_int = order->value + n};
	pid_t child = child_of(parent);

	if (order->group)
		return kill(-parent, order->sig);
	return child ? sigqueue(child, order->sig, value) : -1;
}

/* True if all have been sent. */
static bool obey(const struct order *order, pid_t parent)
{
	uint64_t end = now_us() + 3000000;
	int n = 0;

	while (!child_of(parent) && now_us() < end)
		;
	spin(order->delay);
	/* Another child may have taken the place of the first. */
	while (n < order->times && now_us() < end) {
		n += !send_one(order, parent, n);
		if (n < order->times)
			spin(order->delay / 2);
	}
	return n == order->times;
}

static UNUSED void start_sender(struct sender *sender)
{
	pid_t parent = getpid();
	int to[2], from[2];
	struct order order;

	ck_assert_int_eq(pipe2(to, O_CLOEXEC) | pipe2(from, O_CLOEXEC), 0);
	sender->orders = to[1];
	sender->answers = from[0];
	sender->pid = fork();
	if (!sender->pid) {
		setpgid(0, 0);
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		close(to[1]);
		while (read(to[0], &order, sizeof(order)) == sizeof(order)) {
			bool sent = obey(&order, parent);

			(void)!write(from[1], &sent, sizeof(sent));
		}
		_exit(0);
	}
	close(to[0]);
	close(from[1]);
}

static UNUSED void give(const struct sender *sender, const struct order *order)
{
	ck_assert_int_eq(write(sender->orders, order, sizeof(*order)),
			 sizeof(*order));
}

/* Waits until all has been sent. */
static UNUSED void have_sent(const struct sender *sender)
{
	bool sent = false;

	ck_assert_int_eq(read(sender->answers, &sent, sizeof(sent)),
			 sizeof(sent));
	ck_assert_msg(sent, "the sender has seen no child");
}

static UNUSED void end_sender(struct sender *sender)
{
	close(sender->orders);
	exits_with(sender->pid, 0);
	close(sender->answers);
}

/* False, and says why, where /proc does not list children. */
static UNUSED bool can_send(void)
{
	if (!access("/proc/self/task", F_OK) &&
	    access("/proc/thread-self/children", F_OK)) {
		puts("skipped: no list of children in /proc");
		return false;
	}
	return true;
}

#endif
