/* SPDX-License-Identifier: MIT
 *
 * A scene: descriptors in messages. Two threads exchange some while this one
 * forks; a child gets some of its parent, sends some of its own, or to itself.
 */
#include <sys/socket.h>

#include "actors/message.h"

enum round_kind { GETS, SENDS, BOTH, ITSELF, KINDS };

enum { TO = 90, ONE = 1 };

static enum round_kind kind;
static int here, there; /* of the pair between parent and child */

static void wrong(struct rng *r, int code)
{
	become_exit(r, (unsigned)code);
}

static void get_one(struct rng *r)
{
	int fds[PASSED], n, byte;

	byte = receive_message(there, false, fds, &n, NULL);
	say(" child got %d: %d", byte, n);
	for (int i = 0; i < n; i++) {
		struct file now = file_of(fds[i]),
			    source = file_of(sources[(byte + i) % SOURCES]);

		source.on_exec = false;
		if (!same_file(&now, &source))
			wrong(r, 40 + i);
		dup2(fds[i], TO + i);
		close(fds[i]);
	}
}

static void send_own(struct rng *r)
{
	int fds[PASSED], ends[2], n = 1 + (int)below(r, PASSED - 1);

	fds[0] = open("text", O_RDONLY | O_CLOEXEC);
	fds[1] = sources[0];
	if (pipe2(ends, O_CLOEXEC))
		wrong(r, 50);
	fds[2] = ends[0];
	say(" child sends %d: %d", n, send_message(there, 's', fds, n));
}

static void send_itself(struct rng *r)
{
	int ends[2], fds[PASSED], n;
	struct file now, source = file_of(sources[1]);

	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends))
		wrong(r, 60);
	send_message(ends[0], 'i', &sources[1], 1);
	say(" itself %d", receive_message(ends[1], false, fds, &n, NULL));
	now = file_of(fds[0]);
	source.on_exec = false;
	if (n != 1 || !same_file(&now, &source))
		wrong(r, 61);
	/* Its number depends on what the others have just now. */
	dup2(fds[0], TO);
	close(fds[0]);
}

static void child(struct rng *r)
{
	if (once_in(r, 2) && broken_pages(r, below(r, 20)))
		wrong(r, 30);
	if (once_in(r, 2))
		spin_us(below(r, 300));
	if (kind == GETS || kind == BOTH)
		get_one(r);
	if (kind == SENDS || kind == BOTH)
		send_own(r);
	if (kind == ITSELF)
		send_itself(r);
	if (tidy)
		become_dump(r);
	become_exit(r, 7);
}

/* The receiver's numbers are taken for a while. */
static void hear(pid_t pid)
{
	struct file text, now;
	int fds[PASSED], n, byte;
	pid_t by = 0;

	take_lowest_numbers();
	byte = receive_message(here, true, fds, &n, &by);
	say(" heard %d by %s: %d", byte, by == pid ? "child" : "other", n);
	if (n) {
		now = file_of(fds[0]);
		fds[PASSED - 1] = open("text", O_RDONLY | O_CLOEXEC);
		text = file_of(fds[PASSED - 1]);
		say(" %s", same_file(&now, &text) ? "same" : "another");
		close(fds[PASSED - 1]);
	}
	for (int i = 0; i < n; i++)
		close(fds[i]);
	leave_lowest_numbers();
}

static void one_child(struct rng *r, int number)
{
	int n = 1 + (int)below(r, PASSED - 1), first = (int)below(r, SOURCES);
	bool before = once_in(r, 2);
	int fds[PASSED];
	pid_t pid;

	(void)number;
	kind = below(r, KINDS);
	say(" kind %u", kind);
	for (int i = 0; i < n; i++)
		fds[i] = sources[(first + i) % SOURCES];
	if (before && (kind == GETS || kind == BOTH))
		send_message(here, (char)first, fds, n);
	pid = begin(r, child);
	if (!before && (kind == GETS || kind == BOTH))
		send_message(here, (char)first, fds, n);
	if (kind == SENDS || kind == BOTH)
		hear(pid);
	say(" status %x", (unsigned)end_of(pid));
}

static void open_all(struct rng *r)
{
	static const char *const names[] = {"file0", "file1", "d", "text"};
	static const int yes = ONE;
	int ends[2];

	for (int i = 0; i < SOURCES; i++) {
		int fd = open(PICK(r, names), O_RDONLY);

		sources[i] =
			fcntl(fd, once_in(r, 2) ? F_DUPFD : F_DUPFD_CLOEXEC,
			      50 + 3 * i);
		close(fd);
	}
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends))
		exit(3);
	here = move_up(ends[0]);
	there = move_up(ends[1]);
	setsockopt(here, SOL_SOCKET, SO_PASSCRED, &yes, sizeof(yes));
}

void rights_scene(uint64_t seed)
{
	struct rng r = rng_of(seed, SETTING);

	make_heap(&r);
	tidy = once_in(&r, 2);
	open_all(&r);
	start_traffic(&r);
	rounds(seed, 4 + below(&r, 12), one_child);
	end_traffic();
	say_bare_child(NULL);
}
