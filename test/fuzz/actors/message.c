/* SPDX-License-Identifier: MIT
 * Messages with descriptors in them, and two threads that exchange some: the
 * one that receives them knows which numbers they must get, and what they are.
 */
#include <poll.h>
#include <sys/socket.h>

#include "actors/message.h"

enum { NUMBERS = 48, KEPT = 16 };

bool send_message(int to, char byte, const int *fds, int n)
{
	char room[CMSG_SPACE(sizeof(int) * PASSED)] __attribute__((aligned(8)));
	struct iovec data = {&byte, 1};
	struct msghdr m = {.msg_iov = &data, .msg_iovlen = 1};
	struct cmsghdr *c = (void *)room;
	ssize_t sent;

	memset(room, 0, sizeof(room));
	if (n) {
		m.msg_control = room;
		m.msg_controllen = CMSG_SPACE(sizeof(int) * (size_t)n);
		c->cmsg_level = SOL_SOCKET;
		c->cmsg_type = SCM_RIGHTS;
		c->cmsg_len = CMSG_LEN(sizeof(int) * (size_t)n);
		memcpy(CMSG_DATA(c), fds, sizeof(int) * (size_t)n);
	}
	do
		sent = sendmsg(to, &m, MSG_NOSIGNAL);
	while (sent < 0 && errno == EINTR);
	return sent == 1;
}

int receive_message(int from, bool on_exec, int *fds, int *n, pid_t *by)
{
	char room[512] __attribute__((aligned(8))), byte = 0;
	struct iovec data = {&byte, 1};
	struct msghdr m = {.msg_iov = &data,
			   .msg_iovlen = 1,
			   .msg_control = room,
			   .msg_controllen = sizeof(room)};
	struct ucred who;
	ssize_t got;

	*n = 0;
	do
		got = recvmsg(from, &m, on_exec ? MSG_CMSG_CLOEXEC : 0);
	while (got < 0 && errno == EINTR);
	if (got != 1 || m.msg_flags & MSG_CTRUNC)
		return -1;
	for (struct cmsghdr *c = CMSG_FIRSTHDR(&m); c; c = CMSG_NXTHDR(&m, c)) {
		if (c->cmsg_type == SCM_RIGHTS) {
			*n = (int)((c->cmsg_len - CMSG_LEN(0)) / sizeof(int));
			memcpy(fds, CMSG_DATA(c), sizeof(int) * (size_t)*n);
		} else if (c->cmsg_type == SCM_CREDENTIALS && by) {
			memcpy(&who, CMSG_DATA(c), sizeof(who));
			*by = who.pid;
		}
	}
	return byte;
}

/* ---- two threads ---- */

static pthread_mutex_t lowest_numbers = PTHREAD_MUTEX_INITIALIZER;
static atomic_bool wanted; /* by somebody else */

static struct {
	pthread_t from, to;
	struct rng r[2];
	int ends[2];
	struct file file[NUMBERS];
	unsigned wrong, replaced, lost, failed;
} traffic;

/* The byte says which of the sources, one after the other, there are. */
static void *send_many(void *arg)
{
	struct rng *r = &traffic.r[0];

	while (!scene_over) {
		int first = (int)below(r, SOURCES), n = (int)below(r, PASSED);
		int fds[PASSED];

		for (int i = 0; i < n; i++)
			fds[i] = sources[(first + i) % SOURCES];
		if (!send_message(traffic.ends[0], (char)first, fds, n))
			traffic.failed++;
		if (once_in(r, 4))
			usleep(below(r, 100));
	}
	send_message(traffic.ends[0], 'e', NULL, 0);
	return arg;
}

static int lowest_free(void)
{
	int i = 0;

	while (i < NUMBERS && traffic.file[i].open)
		i++;
	return i;
}

static void take(int fd, const struct file *source, bool on_exec)
{
	struct file now = file_of(fd), wanted = *source;

	wanted.on_exec = on_exec;
	if (fd != lowest_free()) {
		traffic.wrong++;
		close(fd);
		return;
	}
	traffic.replaced += !same_file(&now, &wanted);
	traffic.file[fd] = wanted;
}

/* Some, or all that it has. */
static void drop_some(struct rng *r)
{
	int fd, kept = 0;

	for (fd = 0; fd < NUMBERS; fd++)
		kept += traffic.file[fd].open;
	for (fd = 3; fd < NUMBERS; fd++) {
		struct file now;

		if (!traffic.file[fd].open || (kept < KEPT && !once_in(r, 3)))
			continue;
		now = file_of(fd);
		traffic.replaced += !same_file(&now, &traffic.file[fd]);
		traffic.lost += close(fd) != 0;
		traffic.file[fd].open = false;
	}
}

static void *receive_many(void *arg)
{
	struct rng *r = &traffic.r[1];
	struct pollfd ready = {.fd = traffic.ends[1], .events = POLLIN};
	int fds[PASSED], n, first;

	for (;;) {
		bool on_exec = tidy || once_in(r, 2);

		poll(&ready, 1, -1);
		while (wanted)
			usleep(20);
		pthread_mutex_lock(&lowest_numbers);
		first = receive_message(traffic.ends[1], on_exec, fds, &n,
					NULL);
		for (int i = 0; i < n; i++) {
			struct file source =
				file_of(sources[(first + i) % SOURCES]);

			take(fds[i], &source, on_exec);
		}
		drop_some(r);
		pthread_mutex_unlock(&lowest_numbers);
		if (first == 'e')
			return arg;
		traffic.failed += first < 0;
	}
}

int move_up(int fd)
{
	int to = fcntl(fd, F_DUPFD_CLOEXEC, 70);

	close(fd);
	return to;
}

void take_lowest_numbers(void)
{
	wanted = true;
	pthread_mutex_lock(&lowest_numbers);
}

void leave_lowest_numbers(void)
{
	wanted = false;
	pthread_mutex_unlock(&lowest_numbers);
}

void start_traffic(struct rng *r)
{
	static const int types[] = {SOCK_STREAM, SOCK_DGRAM, SOCK_SEQPACKET};

	if (socketpair(AF_UNIX, PICK(r, types) | SOCK_CLOEXEC, 0, traffic.ends))
		exit(3);
	traffic.ends[0] = move_up(traffic.ends[0]);
	traffic.ends[1] = move_up(traffic.ends[1]);
	for (int i = 0; i < NUMBERS; i++)
		traffic.file[i] = file_of(i);
	traffic.r[0].state = next(r);
	traffic.r[1].state = next(r);
	start(&traffic.from, send_many, NULL);
	start(&traffic.to, receive_many, NULL);
}

void end_traffic(void)
{
	pthread_join(traffic.from, NULL);
	pthread_join(traffic.to, NULL);
	say("traffic: wrong %u replaced %u lost %u failed %u\n", traffic.wrong,
	    traffic.replaced, traffic.lost, traffic.failed);
}
